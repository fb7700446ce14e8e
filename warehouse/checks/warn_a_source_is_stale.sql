select source, path, retrieved_at, stale_reason from meta.source_file where is_stale
