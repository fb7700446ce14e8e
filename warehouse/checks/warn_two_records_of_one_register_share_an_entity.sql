select m.canonical_id, r.source, min(r.record_id) as one_record_id, max(r.record_id) as other_record_id
from resolved.cluster_member m
join core.company_record r using (record_id)
semi join (select entity_id as canonical_id from resolved.entity where record_count > 1) using (canonical_id)
where r.is_register
group by m.canonical_id, r.source
having count(*) > 1
