-- What could have been seen at all: the reach of every source.
select
    s.source,
    s.title,
    s.publisher,
    s.licence,
    count(distinct f.file_id) as file_count,
    max(f.retrieved_at) as retrieved_at,
    coalesce(bool_or(f.is_stale), false) as is_stale,
    any_value(f.stale_reason) as stale_reason,
    coalesce(sum(f.row_count_read), 0)::bigint as row_count_read,
    coalesce(sum(f.row_count_kept), 0)::bigint as row_count_kept,
    coalesce(sum(f.row_count_quarantined), 0)::bigint as row_count_quarantined,
    coalesce(any_value(r.record_count), 0)::bigint as record_count,
    coalesce(any_value(t.shipment_count), 0)::bigint as shipment_count,
    any_value(t.first_date) as first_shipment_date,
    any_value(t.last_date) as last_shipment_date,
    s.is_register,
    s.is_synthetic
from meta.source s
left join meta.source_file f using (source)
left join (select source, count(*) as record_count from core.company_record group by source) r using (source)
left join (
    select source, count(*) as shipment_count, min(shipment_date) as first_date, max(shipment_date) as last_date
    from core.shipment group by source
) t using (source)
group by s.source, s.title, s.publisher, s.licence, s.is_register, s.is_synthetic
