select p.shipment_id, p.role, p.record_id from core.shipment_party p anti join core.company_record r using (record_id)
