-- A listed party often goes on under a like name: Nettrix was formed about six months after Sugon was listed.
-- A date known only to the month or year is an interval; it fires or clears only where the whole interval does.
with span as (
    select entity_id, incorporation_date as formed_from,
        case incorporation_date_precision
            when 'year' then (incorporation_date + interval 1 year - interval 1 day)::date
            when 'month' then last_day(incorporation_date)
            else incorporation_date
        end as formed_to
    from resolved.indicator_subject
),
pair as (
    select a.*, l.list_name, l.listed_date, l.record_id as listing_record_id, l.file_id as listing_file_id, l.line as listing_line,
        s.formed_from, s.formed_to,
        date_diff('day', l.listed_date, s.formed_from) as days,
        t.value as max_days,
        case
            when s.formed_from is null or l.listed_date is null then 'not_checkable'
            when l.delisted_date <= s.formed_from then 'clear'
            when s.formed_from >= l.listed_date and date_diff('day', l.listed_date, s.formed_to) <= max_days then 'fired'
            when s.formed_to < l.listed_date or date_diff('day', l.listed_date, s.formed_from) > max_days then 'clear'
            else 'not_checkable'
        end as state
    from resolved.look_alike_of_listed a
    join resolved.entity_listing l on l.entity_id = a.listed_entity_id
    join span s on s.entity_id = a.entity_id
    cross join (select value from reference.threshold where name = 'formed_after_listing_max_days') t
),
weighed as (
    select *, name_weight * exp(-days / (select value from reference.threshold where name = 'formed_after_listing_decay_days')) as fired_weight
    from pair
),
best as (
    select distinct on (entity_id) * from weighed
    order by entity_id, array_position(['fired', 'not_checkable', 'clear'], state),
        if(state = 'fired', fired_weight, name_weight) desc, listed_entity_id, list_name
),
source_row as (
    select b.entity_id,
        [
            {'table_name': 'core.company_record', 'row_id': r.record_id, 'file_id': r.file_id, 'line': r.line,
                'note': concat('the entity: ', r.name, ', formed ', coalesce(b.formed_from::varchar, 'on an unknown day'))},
            {'table_name': 'core.listing', 'row_id': b.listing_record_id, 'file_id': b.listing_file_id, 'line': b.listing_line,
                'note': concat('the listing: ', b.listed_name, ', ', b.list_name, ', ', coalesce(b.listed_date::varchar, 'on an unknown day'))}
        ] as evidence
    from best b
    join core.company_record r on r.record_id = b.record_id
)
select
    s.entity_id,
    'formed_after_listing_of_look_alike' as indicator,
    case
        when b.entity_id is not null then b.state
        when exists (from resolved.entity_listing) then 'clear'
        else 'not_checkable'
    end as state,
    b.days::double as value,
    (select value from reference.threshold where name = 'formed_after_listing_max_days') as threshold,
    if(b.state = 'fired', b.fired_weight, 0)::double as weight,
    b.listed_entity_id as counterpart_entity_id,
    coalesce(e.evidence, []) as evidence,
    case
        when b.entity_id is null and not exists (from resolved.entity_listing) then 'No list was loaded to compare the name with.'
        when b.entity_id is null then 'The name looks like that of no listed party.'
        when b.state = 'fired' then format(
            'Formed on {}, {} days after its look-alike "{}"{} was listed ({}, {}); names {:.2f} alike ({}).',
            b.formed_from::varchar, b.days, b.listed_name,
            if(lower(b.alike_listed_name) = lower(b.listed_name), '', format(' (also "{}")', b.alike_listed_name)), b.list_name, b.listed_date::varchar, b.name_likeness, b.name_path)
        when b.formed_from is null then format('Looks like "{}", but its day of formation is not known.', b.listed_name)
        when b.listed_date is null then format('Looks like "{}", but the day of that listing is not known.', b.listed_name)
        when b.state = 'clear' then format(
            'Formed on {}, not within {:.0f} days after its look-alike "{}" was listed ({}).',
            b.formed_from::varchar, b.max_days, b.listed_name, b.listed_date::varchar)
        else format('Looks like "{}", but its day of formation is known too roughly to tell.', b.listed_name)
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    s.is_synthetic
from resolved.indicator_subject s
left join best b using (entity_id)
left join source_row e using (entity_id)
