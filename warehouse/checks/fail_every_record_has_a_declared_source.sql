select record_id, source from core.company_record where is_register is null or is_synthetic is null
