-- Who ships to whom, one row per shipment and pair of entities.
select distinct on (t.shipment_id, f.canonical_id, m.canonical_id)
    t.shipment_id,
    f.canonical_id as supplier_entity_id,
    m.canonical_id as receiver_entity_id,
    s.record_id as supplier_record_id,
    r.record_id as receiver_record_id,
    t.shipment_date,
    t.value_usd,
    t.gross_weight_kg,
    t.source,
    t.is_synthetic,
    t.file_id,
    t.line
from core.shipment t
join core.shipment_party s on s.shipment_id = t.shipment_id and s.side = 'supplier'
join core.shipment_party r on r.shipment_id = t.shipment_id and r.side = 'receiver'
join resolved.cluster_member f on f.record_id = s.record_id
join resolved.cluster_member m on m.record_id = r.record_id
where f.canonical_id <> m.canonical_id
order by t.shipment_id, f.canonical_id, m.canonical_id, s.record_id, r.record_id
