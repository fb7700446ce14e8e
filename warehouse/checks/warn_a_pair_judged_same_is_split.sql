select j.left_record_id, j.right_record_id, l.canonical_id as left_entity_id, r.canonical_id as right_entity_id
from resolved.judgement j
join resolved.cluster_member l on l.record_id = j.left_record_id
join resolved.cluster_member r on r.record_id = j.right_record_id
where j.judgement = 'same' and l.canonical_id <> r.canonical_id
