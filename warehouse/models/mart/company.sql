select * from resolved.entity
