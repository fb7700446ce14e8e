select l.lead_id, l.entity_id from mart.lead l semi join resolved.entity_listing e using (entity_id)
