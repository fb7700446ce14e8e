-- What the model said about two records, in either order; no row when they were never compared or the pair was not kept.
create or replace macro mart.why(p_left, p_right) as table
select p.match_probability, p.name_likeness, p.name_path, p.blocking_rules, p.why,
    l.canonical_id = r.canonical_id as is_one_entity
from resolved.scored_pair p
left join resolved.cluster_member l on l.record_id = p.left_record_id
left join resolved.cluster_member r on r.record_id = p.right_record_id
where p.left_record_id = least(p_left, p_right) and p.right_record_id = greatest(p_left, p_right)
