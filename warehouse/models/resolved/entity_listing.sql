-- Amendments repeat a listing under later dates; a party counts as listed from the first of them on each list.
select
    m.canonical_id as entity_id,
    l.list_name,
    min(l.listed_date) as listed_date,
    case when bool_and(l.delisted_date is not null) then max(l.delisted_date) end as delisted_date,
    arg_min(l.record_id, place) as record_id,
    arg_min(l.authority, place) as authority,
    arg_min(l.source, place) as source,
    bool_or(l.is_synthetic) as is_synthetic,
    arg_min(l.file_id, place) as file_id,
    arg_min(l.line, place) as line
from (
    select *, row(coalesce(listed_date, date '9999-12-31'), file_id, line, record_id) as place
    from core.listing
    where not is_address_entry
) l
join resolved.cluster_member m using (record_id)
group by m.canonical_id, l.list_name
