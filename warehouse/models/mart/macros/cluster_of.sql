-- Every record held to be the same legal entity as the given record.
create or replace macro mart.cluster_of(p_record_id) as table
select c.canonical_id, c.record_id, c.probability, c.source, c.name, c.jurisdiction, c.is_synthetic
from mart.cluster c
where c.canonical_id = (select m.canonical_id from resolved.cluster_member m where m.record_id = p_record_id)
order by c.source, c.record_id
