select i.record_id from resolved.resolution_input i anti join resolved.cluster_member m using (record_id)
