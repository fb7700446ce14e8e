-- Entities that are not one but belong together: like names, one unit, trade. Linked, never merged.
with alike as (
    select
        least(l.canonical_id, r.canonical_id) as left_entity_id,
        greatest(l.canonical_id, r.canonical_id) as right_entity_id,
        if(l.canonical_id < r.canonical_id, p.left_record_id, p.right_record_id) as left_record_id,
        if(l.canonical_id < r.canonical_id, p.right_record_id, p.left_record_id) as right_record_id,
        p.name_likeness, p.name_path, p.match_probability, p.why
    from resolved.scored_pair p
    join resolved.cluster_member l on l.record_id = p.left_record_id
    join resolved.cluster_member r on r.record_id = p.right_record_id
    where l.canonical_id <> r.canonical_id
        and p.name_likeness >= (select value from reference.threshold where name = 'look_alike_min_likeness')
),
look_alike as (
    select distinct on (left_entity_id, right_entity_id)
        left_entity_id, right_entity_id, 'look_alike' as tie_kind, round(name_likeness::double, 4) as strength,
        name_path as path, left_record_id, right_record_id, null as shipment_id,
        count(*) over (partition by left_entity_id, right_entity_id) as support_count,
        round(match_probability::double, 4) as match_probability, why
    from alike
    order by left_entity_id, right_entity_id, name_likeness desc, left_record_id, right_record_id
),
-- A crowded unit ties nobody, except to a listed party, where even a weak tie is worth seeing.
unit_pair as (
    select
        a.entity_id as left_entity_id, b.entity_id as right_entity_id, a.unit_key, a.occupancy,
        a.record_id as left_record_id, b.record_id as right_record_id, a.address
    from resolved.address_unit a
    join resolved.address_unit b
        on b.unit_key = a.unit_key and b.is_synthetic = a.is_synthetic and a.entity_id < b.entity_id
    where a.occupancy <= (select value from reference.threshold where name = 'shared_unit_pair_max_occupancy')
        or a.entity_id in (select entity_id from resolved.entity_listing)
        or b.entity_id in (select entity_id from resolved.entity_listing)
),
shared_unit as (
    select distinct on (left_entity_id, right_entity_id)
        left_entity_id, right_entity_id, 'shared_address_unit' as tie_kind,
        1 / log2(1 + occupancy) as strength, unit_key as path, left_record_id, right_record_id, null as shipment_id,
        count(*) over (partition by left_entity_id, right_entity_id) as support_count,
        null::double as match_probability,
        format('both have an address in one unit that {} companies share: {}', occupancy, address) as why
    from unit_pair
    order by left_entity_id, right_entity_id, occupancy, unit_key
),
trade as (
    select
        least(supplier_entity_id, receiver_entity_id) as left_entity_id,
        greatest(supplier_entity_id, receiver_entity_id) as right_entity_id,
        'trade' as tie_kind,
        1 - 1 / (1 + count(*)) as strength,
        arg_min(if(supplier_entity_id < receiver_entity_id, 'left supplies right', 'right supplies left'), place) as path,
        arg_min(if(supplier_entity_id < receiver_entity_id, supplier_record_id, receiver_record_id), place) as left_record_id,
        arg_min(if(supplier_entity_id < receiver_entity_id, receiver_record_id, supplier_record_id), place) as right_record_id,
        arg_min(shipment_id, place) as shipment_id,
        count(*) as support_count,
        null::double as match_probability,
        format('{} shipments between them, the first on {}', count(*), coalesce(min(shipment_date)::varchar, 'an unknown day')) as why
    from (
        select *, row(coalesce(shipment_date, date '9999-12-31'), shipment_id) as place from resolved.trade_lane
    )
    group by 1, 2
)
select
    t.left_entity_id, t.right_entity_id, t.tie_kind, t.strength, t.path, t.left_record_id, t.right_record_id,
    t.shipment_id, t.support_count, t.match_probability, t.why, e.is_synthetic
from (select * from look_alike union all select * from shared_unit union all select * from trade) t
join resolved.entity e on e.entity_id = t.left_entity_id
