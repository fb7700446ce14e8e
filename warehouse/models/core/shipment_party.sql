select
    p.shipment_id,
    p.role,
    coalesce(r.side, 'other') as side,
    p.record_id,
    s.source,
    s.is_synthetic,
    p.file_id,
    p.line
from (
    select shipment_id, role, record_id, min(row(file_id, line)) as place, place[1] as file_id, place[2] as line
    from staging.shipment_party
    group by shipment_id, role, record_id
) p
left join reference.shipment_role r using (role)
left join meta.source_file f on f.file_id = p.file_id
left join meta.source s on s.source = f.source
