-- Entities for which every indicator gets a row: those with anything to observe. Of the millions of others an
-- indicator can only say clear or not checkable; indicator coverage counts them (mart.indicator_coverage).
-- A listed party is a quoted fact, not a lead.
with touched as (
    select entity_id from resolved.look_alike_of_listed
    union
    select p.canonical_id from core.shipment_party s join resolved.cluster_member p using (record_id)
    union
    select u.entity_id
    from resolved.address_unit u
    semi join (
        select unnest(unit_keys) as unit_key, is_synthetic from core.listed_address
        union
        select a.unit_key, a.is_synthetic from resolved.address_unit a
        semi join resolved.entity_listing l on l.entity_id = a.entity_id
    ) k on k.unit_key = u.unit_key and k.is_synthetic = u.is_synthetic
)
select
    e.entity_id,
    e.name,
    e.country,
    e.incorporation_date,
    e.incorporation_date_precision,
    e.dissolution_date,
    e.is_shipping_party,
    e.entity_id in (select entity_id from resolved.address_unit) as has_unit_address,
    e.is_synthetic
from resolved.entity e
semi join touched using (entity_id)
where not e.is_listed
