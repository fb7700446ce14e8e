select m.canonical_id, m.record_id, m.probability, r.source, r.name, r.jurisdiction, e.record_count, r.is_synthetic
from resolved.cluster_member m
join core.company_record r using (record_id)
join resolved.entity e on e.entity_id = m.canonical_id
