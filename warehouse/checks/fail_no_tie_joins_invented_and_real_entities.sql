select t.left_entity_id, t.right_entity_id, t.tie_kind
from resolved.network_tie t
join resolved.entity l on l.entity_id = t.left_entity_id
join resolved.entity r on r.entity_id = t.right_entity_id
where l.is_synthetic <> r.is_synthetic
