-- A record is what one source states about one company; where it states it on several lines, each field is the
-- first one given. Records stated once are the bulk and pass straight through.
with repeated as materialized (
    select record_id from staging.company_record group by record_id having count(*) > 1
),
merged as (
    select s.*, 1 as statement_count
    from staging.company_record s anti join repeated using (record_id)
    union all by name
    select
        record_id,
        min(source) as source,
        min(source_key) as source_key,
        arg_min(record_kind, place) as record_kind,
        arg_min(name, place) as name,
        arg_min(jurisdiction, place) as jurisdiction,
        arg_min(registration_number, place) as registration_number,
        arg_min(lei_code, place) as lei_code,
        arg_min(legal_form, place) as legal_form,
        arg_min(status, place) as status,
        arg_min(incorporation_date, place) as incorporation_date,
        arg_min(incorporation_date_precision, place) as incorporation_date_precision,
        arg_min(dissolution_date, place) as dissolution_date,
        arg_min(dissolution_date_precision, place) as dissolution_date_precision,
        arg_min(file_id, place) as file_id,
        arg_min(line, place) as line,
        count(*)::integer as statement_count
    from (
        select s.*, row(s.file_id, s.line) as place
        from staging.company_record s semi join repeated using (record_id)
    )
    group by record_id
),
named_elsewhere as (
    select n.record_id, arg_min(n.name, row(n.name_kind <> 'primary', n.file_id, n.line)) as name
    from staging.record_name n
    semi join (select record_id from staging.company_record where name is null) using (record_id)
    group by n.record_id
)
select
    m.record_id,
    m.source,
    m.source_key,
    m.record_kind,
    coalesce(m.name, e.name) as name,
    upper(m.jurisdiction) as jurisdiction,
    m.registration_number,
    m.lei_code,
    m.legal_form,
    m.status,
    m.incorporation_date,
    coalesce(m.incorporation_date_precision, if(m.incorporation_date is null, null, 'day')) as incorporation_date_precision,
    m.dissolution_date,
    coalesce(m.dissolution_date_precision, if(m.dissolution_date is null, null, 'day')) as dissolution_date_precision,
    m.statement_count::integer as statement_count,
    s.is_register,
    s.is_synthetic,
    m.file_id,
    m.line
from merged m
left join named_elsewhere e using (record_id)
left join meta.source s on s.source = m.source
