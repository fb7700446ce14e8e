-- What a run did and where every row came from. Created first in every build file.

create schema meta;

create table meta.run (
    run_id          varchar primary key,
    started_at      timestamp not null,
    finished_at     timestamp,
    status          varchar not null,        -- building, published, failed
    code_version    varchar not null,
    settings        json not null,           -- the settings the run used, secrets left out
    model_id        varchar,                 -- resolution model that scored the pairs
    judgement_count bigint not null default 0,
    previous_run_id varchar                  -- the release that was current when the run began
);
comment on table meta.run is 'One row: the run that built this file.';

create table meta.source (
    source       varchar primary key,
    title        varchar not null,
    publisher    varchar not null,
    licence      varchar not null,
    homepage     varchar,
    schedule     varchar not null,
    is_register  boolean not null,           -- one record is one legal entity; two records never are the same one
    is_synthetic boolean not null,           -- invented data: the mark travels to every row, lead and export
    is_required  boolean not null,
    definition   varchar not null            -- SHA-256 of the TOML file that declares the source
);
comment on table meta.source is 'One row per source declared in this run.';

create table meta.source_file (
    file_id          integer primary key,
    source           varchar not null,
    source_table     varchar not null,       -- which table of the source: sdn, alt …
    address          varchar not null,       -- where it was pulled from
    path             varchar not null,       -- landed file, relative to the data directory
    sha256           varchar not null,
    byte_count       bigint not null,
    retrieved_at     timestamp not null,
    licence          varchar not null,
    is_stale         boolean not null,       -- this run's pull failed; an earlier landed file was used
    stale_reason     varchar,
    row_count_read        bigint not null default 0,
    row_count_kept        bigint not null default 0,
    row_count_quarantined bigint not null default 0,
    unused_fields    varchar[]               -- source fields that no mapping consumes
);
comment on table meta.source_file is 'One row per landed file read by this run.';

create table meta.rejected_row (
    file_id  integer not null,
    line     bigint,                         -- physical line, or row number in formats without lines; null: the whole file
    reason   varchar not null,
    raw_text varchar                         -- what stood there, cut at 2,000 characters
);
comment on table meta.rejected_row is 'One row per source row (or cell mapping) set aside, with the reason. Nothing is dropped silently.';

create table meta.stage (
    stage        varchar not null,
    started_at   timestamp not null,
    seconds      double not null,
    row_count    bigint,
    peak_memory_mb double,
    detail       varchar
);
comment on table meta.stage is 'One row per stage of the run: where the time went.';

create table meta.check_result (
    check_name  varchar not null,
    severity    varchar not null,            -- fail, warn
    offending_count bigint not null,
    example     varchar
);
comment on table meta.check_result is 'One row per check run before publishing; zero offending rows is success.';

create table meta.data_dictionary (
    schema_name  varchar not null,
    table_name   varchar not null,
    column_index integer not null,
    column_name  varchar not null,
    data_type    varchar not null,
    meaning      varchar not null,
    grain        varchar not null            -- what one row of the table is
);
comment on table meta.data_dictionary is 'One row per column of every table that has a contract, written as each contract is enforced.';
