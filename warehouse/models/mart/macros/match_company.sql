-- Records whose name holds every word of the query (any case and accents; Chinese, Japanese and Korean text as a part of the
-- name), the closest in length first. An index of 50 at most; for scored matches use the screen command.
create or replace macro mart.match_company(p_query) as table
select m.canonical_id as entity_id, n.record_id, n.name, n.name_kind, r.jurisdiction, r.source, r.incorporation_date, r.is_synthetic
from core.record_name n
join core.company_record r on r.record_id = n.record_id
left join resolved.cluster_member m on m.record_id = n.record_id
where len(list_filter(string_split_regex(trim(lower(strip_accents(p_query))), '[^\p{L}\p{N}]+'), lambda w: w <> '')) > 0
    and list_bool_and(list_transform(
        list_filter(string_split_regex(trim(lower(strip_accents(p_query))), '[^\p{L}\p{N}]+'), lambda w: w <> ''),
        lambda w: contains(lower(strip_accents(n.name)), w)))
order by lower(n.name) = lower(p_query) desc, length(n.name), n.record_id, n.name
limit 50
