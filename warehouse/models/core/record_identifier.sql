-- Identifiers stated with the record count as well: one place to look a number up.
with stated as (
    select record_id, identifier_kind, identifier, country, file_id, line from staging.record_identifier
    union all
    select record_id, 'lei', lei_code, null, file_id, line from staging.company_record where lei_code is not null
)
select
    i.record_id,
    i.identifier_kind,
    i.identifier,
    i.country,
    s.source,
    s.is_synthetic,
    i.file_id,
    i.line
from (
    select record_id, identifier_kind, identifier, max(upper(country)) as country,
        min(row(file_id, line)) as place, place[1] as file_id, place[2] as line
    from stated
    group by record_id, identifier_kind, identifier
) i
left join meta.source_file f on f.file_id = i.file_id
left join meta.source s on s.source = f.source
