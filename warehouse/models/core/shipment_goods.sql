select
    g.shipment_id,
    g.hs_code,
    case when length(g.hs_code) >= 6 then left(g.hs_code, 6) end as hs6_code,
    g.description,
    g.quantity,
    g.quantity_unit,
    g.weight_kg,
    g.value_usd,
    g.container_number,
    s.source,
    s.is_synthetic,
    g.file_id,
    g.line
from (
    select distinct shipment_id, hs_code, description, quantity, quantity_unit, weight_kg, value_usd,
        container_number, file_id, line
    from staging.shipment_goods
) g
left join meta.source_file f on f.file_id = g.file_id
left join meta.source s on s.source = f.source
