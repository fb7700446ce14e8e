select record_id, address from core.listed_address where len(unit_keys) = 0
