select l.lead_id, e.source
from mart.lead l
join mart.lead_evidence e using (lead_id)
join meta.source s using (source)
where s.is_synthetic <> l.is_synthetic
