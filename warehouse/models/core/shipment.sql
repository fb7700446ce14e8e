-- Several manifest lines may speak of one shipment; each field is the first one given.
select
    m.shipment_id,
    m.source,
    m.source_key,
    m.direction,
    m.shipment_date,
    m.shipment_date_precision,
    upper(m.origin_country) as origin_country,
    upper(m.destination_country) as destination_country,
    m.port_of_lading,
    m.port_of_unlading,
    m.vessel_name,
    m.gross_weight_kg,
    m.value_usd,
    s.is_synthetic,
    m.file_id,
    m.line
from (
    select
        shipment_id,
        min(source) as source,
        min(source_key) as source_key,
        arg_min(direction, place) as direction,
        arg_min(shipment_date, place) as shipment_date,
        arg_min(shipment_date_precision, place) as shipment_date_precision,
        arg_min(origin_country, place) as origin_country,
        arg_min(destination_country, place) as destination_country,
        arg_min(port_of_lading, place) as port_of_lading,
        arg_min(port_of_unlading, place) as port_of_unlading,
        arg_min(vessel_name, place) as vessel_name,
        arg_min(gross_weight_kg, place) as gross_weight_kg,
        arg_min(value_usd, place) as value_usd,
        arg_min(file_id, place) as file_id,
        arg_min(line, place) as line
    from (select *, row(file_id, line) as place from staging.shipment)
    group by shipment_id
) m
left join meta.source s on s.source = m.source
