-- The source rows a lead rests on, down to the line of the landed file.
create or replace macro mart.evidence_of(p_lead_id) as table
select e.indicator, e.position, e.sentence, e.shows, e.source, e.path, e.line, e.sha256, e.retrieved_at, e.is_synthetic
from mart.lead_evidence e
where e.lead_id = p_lead_id
order by e.indicator, e.position
