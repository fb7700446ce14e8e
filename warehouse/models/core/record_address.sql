select
    a.record_id,
    md5(concat_ws(chr(31), a.address, coalesce(a.city, ''), coalesce(upper(a.country), ''))) as address_id,
    a.address,
    a.city,
    a.region,
    a.postcode,
    upper(a.country) as country,
    a.address_kind,
    k.building_keys,
    k.unit_keys,
    s.source,
    s.is_synthetic,
    a.file_id,
    a.line
from (
    select record_id, address, city, upper(country) as country, address_kind,
        max(region) as region, max(postcode) as postcode,
        min(row(file_id, line)) as place, place[1] as file_id, place[2] as line
    from staging.record_address
    group by record_id, address, city, upper(country), address_kind
) a
join core.address k
    on k.address_id = md5(concat_ws(chr(31), a.address, coalesce(a.city, ''), coalesce(a.country, '')))
left join meta.source_file f on f.file_id = a.file_id
left join meta.source s on s.source = f.source
