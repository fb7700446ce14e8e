-- Who is in which unit. Occupancy counts entities, so one company stated by three sources is one tenant.
with tenant as (
    select distinct on (unit_key, entity_id)
        unit_key, m.canonical_id as entity_id, a.record_id, a.address, a.source, a.is_synthetic, a.file_id, a.line
    from (select *, unnest(unit_keys) as unit_key from core.record_address) a
    join resolved.cluster_member m using (record_id)
    order by unit_key, entity_id, a.file_id, a.line, a.record_id
)
select
    unit_key,
    entity_id,
    record_id,
    address,
    count(*) over (partition by unit_key, is_synthetic) as occupancy,
    is_synthetic,
    file_id,
    line
from tenant
