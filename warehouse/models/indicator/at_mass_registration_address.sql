-- A unit where dozens of companies have an address is an agent's or a letter box: it hides who is behind the company. Weak on its
-- own, since most companies at such addresses are honest.
with best as (
    select distinct on (entity_id) entity_id, record_id, address, unit_key, occupancy, file_id, line
    from resolved.address_unit
    order by entity_id, occupancy desc, unit_key
),
judged as (
    select s.entity_id, s.is_synthetic, b.* exclude (entity_id), t.value as threshold,
        case
            when b.occupancy >= t.value then 'fired'
            when b.entity_id is not null then 'clear'
            else 'not_checkable'
        end as state
    from resolved.indicator_subject s
    left join best b using (entity_id)
    cross join (select value from reference.threshold where name = 'mass_registration_min_occupancy') t
)
select
    entity_id,
    'at_mass_registration_address' as indicator,
    state,
    occupancy::double as value,
    threshold,
    if(state = 'fired', least(1, log2(occupancy) / log2(1000)), 0)::double as weight,
    null::varchar as counterpart_entity_id,
    if(state = 'fired', [{'table_name': 'core.record_address', 'row_id': record_id, 'file_id': file_id, 'line': line,
        'note': 'the address of the entity: ' || address}], []) as evidence,
    case state
        when 'fired' then format('Its address "{}" is a unit where {} companies have one.', address, occupancy)
        when 'clear' then format('At most {} companies of the sources have an address in a unit of it.', occupancy)
        else 'No address of it can be read down to the unit.'
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    is_synthetic
from judged
