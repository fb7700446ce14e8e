-- What reviewers answered. Rows are added and never changed: undoing is one more row.
-- Run on every opening for writing; each statement leaves an existing file as it is.

create table if not exists judgement_event (
    event_id          integer primary key autoincrement,
    idempotency_key   text    not null unique,   -- one per answer; sending an answer twice stores it once
    left_record_id    text    not null,
    right_record_id   text    not null,
    judgement         text    not null check (judgement in ('same', 'different', 'unsure', 'withdrawn')),
    reviewer          text    not null check (length(reviewer) > 0),
    judged_at         text    not null,          -- UTC, ISO 8601 with microseconds
    supersedes        integer references judgement_event (event_id),
    note              text,
    run_id            text    not null,          -- the release the pair was shown from
    evidence_hash     text    not null,          -- SHA-256 of everything the answer could rest on
    left_shown        text    not null check (json_valid(left_shown)),
    right_shown       text    not null check (json_valid(right_shown)),
    match_probability real    not null check (match_probability between 0 and 1),
    ms_on_screen      integer check (ms_on_screen >= 0),
    check (left_record_id < right_record_id),
    check (judgement <> 'withdrawn' or supersedes is not null)
) strict;

create index if not exists judgement_event_by_reviewer
    on judgement_event (reviewer, left_record_id, right_record_id, event_id);

create trigger if not exists judgement_event_is_never_changed
before update on judgement_event
begin
    select raise(abort, 'judgements are append-only: add an event that supersedes this one');
end;

create trigger if not exists judgement_event_is_never_deleted
before delete on judgement_event
begin
    select raise(abort, 'judgements are append-only: add an event that supersedes this one');
end;

-- INSERT OR REPLACE deletes without firing the trigger above, so it is refused before it can.
create trigger if not exists judgement_event_is_never_replaced
before insert on judgement_event
when exists (
    select 1 from judgement_event
    where event_id = new.event_id or idempotency_key = new.idempotency_key
)
begin
    select raise(abort, 'judgements are append-only: this event or idempotency key is already stored');
end;
