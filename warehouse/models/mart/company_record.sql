select m.canonical_id as entity_id, r.*
from core.company_record r
left join resolved.cluster_member m using (record_id)
