select
    l.entity_id,
    e.name,
    l.list_name,
    l.listed_date,
    l.delisted_date,
    l.authority,
    l.record_id,
    (select count(*) from resolved.look_alike_of_listed a where a.listed_entity_id = l.entity_id) as look_alike_count,
    l.source,
    l.is_synthetic,
    l.file_id,
    l.line
from resolved.entity_listing l
join resolved.entity e using (entity_id)
