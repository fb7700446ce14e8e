-- A unit shared with a listed party weighs by how few companies share it: agents' offices house thousands.
with hit as (
    select u.entity_id, u.record_id, u.address, u.file_id, u.line, u.occupancy,
        1 / log2(1 + u.occupancy) as rarity,
        if(u.unit_key like '%|box|%', o.value, 1) as kind_weight,
        l.entity_id as listed_entity_id, l.record_id as listed_record_id, l.file_id as listed_file_id, l.line as listed_line, l.address as listed_address,
        e.name as listed_name
    from resolved.address_unit l
    join resolved.entity e on e.entity_id = l.entity_id and e.is_listed
    join resolved.address_unit u
        on u.unit_key = l.unit_key and u.is_synthetic = l.is_synthetic and u.entity_id <> l.entity_id
    cross join (select value from reference.threshold where name = 'post_office_box_weight') o
),
best as (
    select distinct on (entity_id) * from hit order by entity_id, rarity * kind_weight desc, listed_entity_id, record_id, listed_record_id
),
limit_value as (
    select 1 / log2(1 + value) as threshold from reference.threshold where name = 'shared_unit_max_occupancy'
)
select
    s.entity_id,
    'same_address_unit_as_listed_party' as indicator,
    case
        when b.rarity >= t.threshold then 'fired'
        when s.has_unit_address and exists (
            from resolved.address_unit a semi join resolved.entity_listing l on l.entity_id = a.entity_id
        ) then 'clear'
        else 'not_checkable'
    end as state,
    b.rarity as value,
    t.threshold,
    if(b.rarity >= t.threshold, b.rarity * b.kind_weight, 0)::double as weight,
    b.listed_entity_id as counterpart_entity_id,
    if(b.entity_id is null, [], [
        {'table_name': 'core.record_address', 'row_id': b.record_id, 'file_id': b.file_id, 'line': b.line, 'note': 'the address of the entity: ' || b.address},
        {'table_name': 'core.record_address', 'row_id': b.listed_record_id, 'file_id': b.listed_file_id, 'line': b.listed_line, 'note': 'the address of the listed party: ' || b.listed_address}
    ]) as evidence,
    case
        when b.rarity >= t.threshold then format(
            'Shares the unit "{}" with the listed party "{}"; {} companies have an address there.', b.address, b.listed_name, b.occupancy)
        when b.entity_id is not null then format(
            'Shares a unit with the listed party "{}", but so do {} companies in all: too common to mean anything.', b.listed_name, b.occupancy)
        when not s.has_unit_address then 'No address of it can be read down to the unit.'
        else 'Shares no unit with a listed party whose address can be read down to the unit.'
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    s.is_synthetic
from resolved.indicator_subject s
cross join limit_value t
left join best b using (entity_id)
