-- What was looked at and what could not be: the observed entities counted by state, the rest by what can be said of them.
with rest as (
    select e.is_synthetic, exists (from resolved.address_unit u where u.entity_id = e.entity_id) as has_unit_address, count(*) as entity_count
    from resolved.entity e
    anti join resolved.indicator_subject s using (entity_id)
    where not e.is_listed
    group by all
),
rest_state as (
    select i.indicator,
        case
            when i.indicator = 'at_mass_registration_address' then if(r.has_unit_address, 'clear', 'not_checkable')
            when i.indicator = 'at_listed_address' then
                if(r.has_unit_address and exists (from core.listed_address), 'clear', 'not_checkable')
            when i.indicator = 'same_address_unit_as_listed_party' then
                if(r.has_unit_address and exists (from resolved.address_unit a semi join resolved.entity_listing l on l.entity_id = a.entity_id),
                    'clear', 'not_checkable')
            when i.indicator in ('trade_with_listed_party_after_listing', 'new_importer_of_controlled_goods') then 'not_checkable'
            when exists (from resolved.entity_listing) then 'clear'
            else 'not_checkable'
        end as state,
        r.entity_count,
        r.is_synthetic
    from rest r
    cross join reference.indicator i
)
select indicator, state, sum(entity_count)::bigint as entity_count, is_synthetic
from (
    select indicator, state, count(*) as entity_count, is_synthetic from mart.indicator_state group by all
    union all
    select indicator, state, entity_count, is_synthetic from rest_state
)
group by indicator, state, is_synthetic
