-- Every name a record goes by; the primary name stands here even where the source gives it only with the record.
-- Most are stated once. Hashes find the few stated again (a collision only sends a row the slow way), and those are grouped.
with stated as (
    select record_id, name, name_kind, language, file_id, line from staging.record_name
    union all
    select record_id, name, 'primary', null, file_id, line from staging.company_record where name is not null
),
repeated as materialized (
    select hash(record_id, name, name_kind) as name_hash from stated group by name_hash having count(*) > 1
),
named as (
    select * from stated where hash(record_id, name, name_kind) not in (select name_hash from repeated)
    union all
    select record_id, name, name_kind, max(language), min(row(file_id, line))[1], min(row(file_id, line))[2]
    from stated
    where hash(record_id, name, name_kind) in (select name_hash from repeated)
    group by record_id, name, name_kind
)
select
    n.record_id,
    n.name,
    n.name_kind,
    n.language,
    s.source,
    s.is_synthetic,
    n.file_id,
    n.line
from named n
left join meta.source_file f on f.file_id = n.file_id
left join meta.source s on s.source = f.source
