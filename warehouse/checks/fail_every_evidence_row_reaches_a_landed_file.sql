select lead_id, indicator, position, table_name, row_id from mart.lead_evidence
where path is null or sha256 is null or line is null
