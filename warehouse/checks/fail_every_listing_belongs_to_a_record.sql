select l.record_id, l.list_name from core.listing l anti join core.company_record r using (record_id)
