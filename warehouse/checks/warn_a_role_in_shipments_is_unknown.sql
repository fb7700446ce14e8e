select p.role, count(*) as party_count from core.shipment_party p anti join reference.shipment_role r using (role) group by p.role
