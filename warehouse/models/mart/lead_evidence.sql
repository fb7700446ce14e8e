-- From each lead down to the line of the landed file and the file's fingerprint.
with row_of_evidence as (
    select l.lead_id, s.indicator, s.why, i.axis, unnest(s.evidence) as e, generate_subscripts(s.evidence, 1) as position, l.is_synthetic
    from mart.lead l
    join mart.indicator_state s on s.entity_id = l.entity_id and s.state = 'fired'
    join reference.indicator i using (indicator)
)
select
    r.lead_id,
    r.indicator,
    r.position::integer as position,
    r.why as sentence,
    r.axis = 'exculpation' as speaks_against,
    r.e.note as shows,
    r.e.table_name as table_name,
    r.e.row_id as row_id,
    f.source,
    f.source_table,
    f.path,
    f.sha256,
    r.e.line as line,
    f.retrieved_at,
    f.address as retrieved_from,
    f.licence,
    r.e.file_id as file_id,
    r.is_synthetic
from row_of_evidence r
left join meta.source_file f on f.file_id = r.e.file_id
