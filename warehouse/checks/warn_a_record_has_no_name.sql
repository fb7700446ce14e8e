select record_id, source from core.company_record where name is null or trim(name) = ''
