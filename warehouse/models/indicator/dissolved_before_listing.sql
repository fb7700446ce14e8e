-- Speaks against a lead: a company dissolved before its look-alike was listed cannot go on for it.
with pair as (
    select s.entity_id, s.dissolution_date, min(a.first_listed_date) as first_listed_date,
        bool_or(a.first_listed_date is null) as has_undated,
        arg_min(a.listed_name, row(a.first_listed_date, a.listed_entity_id)) as listed_name,
        arg_min(a.listed_entity_id, row(a.first_listed_date, a.listed_entity_id)) as listed_entity_id,
        arg_min(a.record_id, row(a.first_listed_date, a.listed_entity_id)) as record_id
    from resolved.indicator_subject s
    join resolved.look_alike_of_listed a using (entity_id)
    group by s.entity_id, s.dissolution_date
),
judged as (
    select p.*, date_diff('day', p.dissolution_date, first_listed_date) as days, r.file_id, r.line, r.name,
        case
            when p.dissolution_date is null then 'clear'
            when first_listed_date is null or has_undated then 'not_checkable'
            when days > 0 then 'fired'
            else 'clear'
        end as state
    from pair p
    join core.company_record r using (record_id)
)
select
    s.entity_id,
    'dissolved_before_listing' as indicator,
    coalesce(j.state, 'clear') as state,
    j.days::double as value,
    1::double as threshold,
    if(j.state = 'fired', 1, 0)::double as weight,
    j.listed_entity_id as counterpart_entity_id,
    if(j.state = 'fired', [{'table_name': 'core.company_record', 'row_id': j.record_id, 'file_id': j.file_id, 'line': j.line,
        'note': concat('the entity: ', j.name, ', dissolved ', j.dissolution_date)}], []) as evidence,
    case
        when j.entity_id is null then 'The name looks like that of no listed party.'
        when j.state = 'fired' then format('Dissolved on {}, before its look-alike "{}" was listed.', j.dissolution_date::varchar, j.listed_name)
        when j.dissolution_date is null then 'No source states that it was dissolved.'
        when j.state = 'clear' then format('Dissolved on {}, after its look-alike "{}" was listed.', j.dissolution_date::varchar, j.listed_name)
        else 'The day of a listing is not known.'
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    s.is_synthetic
from resolved.indicator_subject s
left join judged j using (entity_id)
