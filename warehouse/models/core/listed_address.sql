-- Addresses that are listed themselves: a licence is needed for any party there, whatever its name.
select
    l.record_id,
    l.list_name,
    l.listed_date,
    l.delisted_date,
    l.authority,
    a.address_id,
    a.address,
    a.country,
    a.unit_keys,
    l.source,
    l.is_synthetic,
    a.file_id,
    a.line
from (
    select record_id, list_name, source, is_synthetic,
        min(listed_date) as listed_date,
        case when bool_and(delisted_date is not null) then max(delisted_date) end as delisted_date,
        arg_min(authority, listed_date) as authority
    from core.listing
    where is_address_entry
    group by record_id, list_name, source, is_synthetic
) l
join (
    select distinct on (record_id, address_id) * from core.record_address
    order by record_id, address_id, file_id, line
) a using (record_id)
