with party as (
    select p.shipment_id, p.side, list(r.name order by p.role, r.record_id) as names,
        list(m.canonical_id order by p.role, r.record_id) as entity_ids
    from core.shipment_party p
    join core.company_record r using (record_id)
    left join resolved.cluster_member m using (record_id)
    group by p.shipment_id, p.side
),
goods as (
    select shipment_id, list_sort(list_distinct(list(hs_code))) as hs_codes, string_agg(distinct description, '; ') as description
    from core.shipment_goods
    group by shipment_id
),
watched as (
    select shipment_id, list(goods_family order by goods_family) as goods_families from core.controlled_goods group by shipment_id
)
select
    s.shipment_id, s.shipment_date, s.direction,
    coalesce(u.names, []) as supplier_names, coalesce(u.entity_ids, []) as supplier_entity_ids,
    coalesce(r.names, []) as receiver_names, coalesce(r.entity_ids, []) as receiver_entity_ids,
    s.origin_country, s.destination_country, s.port_of_lading, s.port_of_unlading, s.vessel_name,
    coalesce(g.hs_codes, []) as hs_codes, g.description, coalesce(w.goods_families, []) as goods_families,
    s.gross_weight_kg, s.value_usd, s.source, s.is_synthetic, s.file_id, s.line
from core.shipment s
left join party u on u.shipment_id = s.shipment_id and u.side = 'supplier'
left join party r on r.shipment_id = s.shipment_id and r.side = 'receiver'
left join goods g on g.shipment_id = s.shipment_id
left join watched w on w.shipment_id = s.shipment_id
