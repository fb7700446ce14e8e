select record_id, list_name from core.listing where listed_date is null
