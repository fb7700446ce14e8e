select distinct on (a.record_id, a.address_id, a.address_kind)
    a.record_id,
    a.address_id,
    a.address,
    a.city,
    a.region,
    a.postcode,
    a.country,
    a.is_country_assumed,
    a.address_kind,
    k.building_keys,
    k.unit_keys,
    s.source,
    s.is_synthetic,
    a.file_id,
    a.line
from core.stated_address a
join core.address k using (address_id)
left join meta.source_file f on f.file_id = a.file_id
left join meta.source s on s.source = f.source
order by a.record_id, a.address_id, a.address_kind, a.file_id, a.line
