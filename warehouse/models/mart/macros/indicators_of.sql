-- Every indicator of an entity with its state; no row means nothing was there to observe (mart.indicator_coverage).
create or replace macro mart.indicators_of(p_entity_id) as table
select s.indicator, i.axis, s.state, s.value, s.threshold, s.weight, s.why, i.innocent_explanation, s.as_of, s.is_synthetic
from mart.indicator_state s
join reference.indicator i on i.indicator = s.indicator
where s.entity_id = p_entity_id
order by array_position(['fired', 'not_checkable', 'clear'], s.state), s.indicator
