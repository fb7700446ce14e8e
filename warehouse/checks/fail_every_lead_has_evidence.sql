select l.lead_id from mart.lead l anti join mart.lead_evidence e using (lead_id)
