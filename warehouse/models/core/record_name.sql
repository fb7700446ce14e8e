-- Every name a record goes by; the primary name stands here even where the source gives it only with the record.
with stated as (
    select record_id, name, name_kind, language, file_id, line from staging.record_name
    union all
    select record_id, name, 'primary', null, file_id, line from staging.company_record where name is not null
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
from (
    select record_id, name, name_kind, max(language) as language, min(row(file_id, line)) as place,
        place[1] as file_id, place[2] as line
    from stated
    group by record_id, name, name_kind
) n
left join meta.source_file f on f.file_id = n.file_id
left join meta.source s on s.source = f.source
