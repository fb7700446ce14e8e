-- One entry of a list repeats on a line per address and alias; what it says of the listing itself is kept once.
select
    l.record_id,
    l.list_name,
    l.programme,
    l.authority,
    l.listed_date,
    l.listed_date_precision,
    l.delisted_date,
    l.is_address_entry,
    l.remarks,
    s.source,
    s.is_synthetic,
    l.file_id,
    l.line
from (
    select
        record_id, list_name, programme, authority, listed_date,
        coalesce(max(listed_date_precision), if(listed_date is null, null, 'day')) as listed_date_precision,
        max(delisted_date) as delisted_date,
        bool_or(is_address_entry) as is_address_entry,
        arg_min(remarks, row(file_id, line)) as remarks,
        min(row(file_id, line)) as place, place[1] as file_id, place[2] as line
    from staging.listing
    group by record_id, list_name, programme, authority, listed_date
) l
left join meta.source_file f on f.file_id = l.file_id
left join meta.source s on s.source = f.source
