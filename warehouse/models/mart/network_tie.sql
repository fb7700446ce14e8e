select t.left_entity_id, l.name as left_name, t.right_entity_id, r.name as right_name, t.* exclude (left_entity_id, right_entity_id)
from resolved.network_tie t
join resolved.entity l on l.entity_id = t.left_entity_id
join resolved.entity r on r.entity_id = t.right_entity_id
