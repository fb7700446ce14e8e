select entity_id, indicator from mart.indicator_state where state = 'fired' and len(evidence) = 0
