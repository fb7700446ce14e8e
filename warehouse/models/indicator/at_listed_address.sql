-- Some list entries name an address, not a party: whoever is in that unit needs a licence. Buildings never match, units do.
with hit as (
    select distinct on (u.entity_id, l.record_id)
        u.entity_id, u.record_id, u.address, u.file_id, u.line, u.unit_key,
        l.record_id as listed_record_id, l.list_name, l.listed_date, l.address as listed_address,
        l.file_id as listed_file_id, l.line as listed_line
    from (select *, unnest(unit_keys) as unit_key from core.listed_address) l
    join resolved.address_unit u on u.unit_key = l.unit_key and u.is_synthetic = l.is_synthetic
    order by u.entity_id, l.record_id, u.unit_key
),
best as (
    select entity_id, count(*) as hit_count,
        min(row(coalesce(listed_date, date '9999-12-31'), listed_record_id)) as place,
        arg_min(row(address, listed_address, list_name, listed_date), row(coalesce(listed_date, date '9999-12-31'), listed_record_id)) as first_hit,
        flatten(list([
            {'table_name': 'core.record_address', 'row_id': record_id, 'file_id': file_id, 'line': line, 'note': 'the address of the entity: ' || address},
            {'table_name': 'core.listed_address', 'row_id': listed_record_id, 'file_id': listed_file_id, 'line': listed_line, 'note': 'the listed address: ' || listed_address}
        ] order by listed_date, listed_record_id)) as evidence
    from hit
    group by entity_id
)
select
    s.entity_id,
    'at_listed_address' as indicator,
    case
        when b.entity_id is not null then 'fired'
        when s.has_unit_address and exists (from core.listed_address) then 'clear'
        else 'not_checkable'
    end as state,
    coalesce(b.hit_count, 0)::double as value,
    1::double as threshold,
    if(b.entity_id is null, 0, 1)::double as weight,
    null::varchar as counterpart_entity_id,
    coalesce(b.evidence, []) as evidence,
    case
        when b.entity_id is not null then format(
            'Its address "{}" is the listed address "{}" ({}, listed {}).',
            b.first_hit[1], b.first_hit[2], b.first_hit[3], coalesce(b.first_hit[4]::varchar, 'on an unknown day'))
        when not s.has_unit_address then 'No address of it can be read down to the unit.'
        when not exists (from core.listed_address) then 'No list with address entries was loaded.'
        else 'None of its units is a listed address.'
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    s.is_synthetic
from resolved.indicator_subject s
left join best b using (entity_id)
