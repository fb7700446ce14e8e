-- The name looks like that of a listed party at home elsewhere. Without a known country on both sides 'elsewhere' cannot be
-- told; in the same country the likeness alone means little (registers refuse names that are too like).
with pair as (
    select *,
        case
            when country is null or len(listed_countries) = 0 then 'not_checkable'
            when list_contains(listed_countries, country) then 'clear'
            else 'fired'
        end as state
    from resolved.look_alike_of_listed
),
best as (
    select distinct on (entity_id) * from pair
    order by entity_id, array_position(['fired', 'not_checkable', 'clear'], state), name_weight desc, name_likeness desc, listed_entity_id
),
source_row as (
    select b.entity_id,
        [
            {'table_name': 'core.company_record', 'row_id': r.record_id, 'file_id': r.file_id, 'line': r.line, 'note': 'the entity: ' || r.name},
            {'table_name': 'core.company_record', 'row_id': l.record_id, 'file_id': l.file_id, 'line': l.line, 'note': 'the listed party: ' || l.name}
        ] as evidence
    from best b
    join core.company_record r on r.record_id = b.record_id
    join core.company_record l on l.record_id = b.listed_record_id
)
select
    s.entity_id,
    'look_alike_of_listed_party' as indicator,
    case
        when b.entity_id is not null then b.state
        when exists (from resolved.entity_listing) then 'clear'
        else 'not_checkable'
    end as state,
    b.name_likeness as value,
    (select value from reference.threshold where name = 'look_alike_min_likeness') as threshold,
    if(b.state = 'fired', b.name_weight, 0)::double as weight,
    b.listed_entity_id as counterpart_entity_id,
    coalesce(e.evidence, []) as evidence,
    case
        when b.entity_id is null and not exists (from resolved.entity_listing) then 'No list was loaded to compare the name with.'
        when b.entity_id is null then 'The name looks like that of no listed party.'
        when b.state = 'fired' then format(
            'The name looks like that of the listed party "{}"{} ({}), but this company is in {}; names {:.2f} alike ({}), {} so like it.',
            b.listed_name, if(lower(b.alike_listed_name) = lower(b.listed_name), '', format(' (also "{}")', b.alike_listed_name)),
            array_to_string(b.listed_countries, ', '), b.country, b.name_likeness, b.name_path,
            if(b.look_alike_count = 1, 'no other', format('{} others', b.look_alike_count - 1)))
        when b.state = 'clear' then format(
            'The name looks like that of the listed party "{}", which is in the same country ({}).', b.listed_name, b.country)
        else format('The name looks like that of the listed party "{}", but the country of one of them is not known.', b.listed_name)
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    s.is_synthetic
from resolved.indicator_subject s
left join best b using (entity_id)
left join source_row e using (entity_id)
