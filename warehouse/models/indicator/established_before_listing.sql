-- Speaks against a lead: a company founded long before its look-alike was listed was not founded to replace it.
with pair as (
    select s.entity_id, s.incorporation_date, min(a.first_listed_date) as first_listed_date,
        bool_or(a.first_listed_date is null) as has_undated,
        arg_min(a.listed_name, row(a.first_listed_date, a.listed_entity_id)) as listed_name,
        arg_min(a.listed_entity_id, row(a.first_listed_date, a.listed_entity_id)) as listed_entity_id,
        arg_min(a.record_id, row(a.first_listed_date, a.listed_entity_id)) as record_id
    from resolved.indicator_subject s
    join resolved.look_alike_of_listed a using (entity_id)
    group by s.entity_id, s.incorporation_date
),
judged as (
    select p.*, date_diff('day', p.incorporation_date, first_listed_date) / 365.25 as years, t.value as min_years, r.file_id, r.line, r.name,
        case
            when p.incorporation_date is null or first_listed_date is null or has_undated then 'not_checkable'
            when years >= t.value then 'fired'
            else 'clear'
        end as state
    from pair p
    join core.company_record r using (record_id)
    cross join (select value from reference.threshold where name = 'established_years_before_listing') t
)
select
    s.entity_id,
    'established_before_listing' as indicator,
    coalesce(j.state, 'clear') as state,
    j.years as value,
    (select value from reference.threshold where name = 'established_years_before_listing') as threshold,
    if(j.state = 'fired', 1, 0)::double as weight,
    j.listed_entity_id as counterpart_entity_id,
    if(j.state = 'fired', [{'table_name': 'core.company_record', 'row_id': j.record_id, 'file_id': j.file_id, 'line': j.line,
        'note': concat('the entity: ', j.name, ', formed ', j.incorporation_date)}], []) as evidence,
    case j.state
        when 'fired' then format('Formed on {}, {:.0f} years before its look-alike "{}" was listed.', j.incorporation_date::varchar, floor(j.years), j.listed_name)
        when 'not_checkable' then 'Its day of formation or a day of listing is not known.'
        when 'clear' then format('Not {:.0f} years older than the listing of "{}".', j.min_years, j.listed_name)
        else 'The name looks like that of no listed party.'
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    s.is_synthetic
from resolved.indicator_subject s
left join judged j using (entity_id)
