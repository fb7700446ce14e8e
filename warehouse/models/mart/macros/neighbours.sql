-- Entities tied to the given one: like names, one unit, trade; the strongest first.
create or replace macro mart.neighbours(p_entity_id) as table
select if(t.left_entity_id = p_entity_id, t.right_entity_id, t.left_entity_id) as entity_id,
    if(t.left_entity_id = p_entity_id, t.right_name, t.left_name) as name,
    t.tie_kind, t.strength, t.path, t.why, t.is_synthetic
from mart.network_tie t
where t.left_entity_id = p_entity_id or t.right_entity_id = p_entity_id
order by t.strength desc, entity_id
