select m.record_id, m.canonical_id from resolved.cluster_member m anti join core.company_record r using (record_id)
