-- Distinct address texts, read once each: reading is the slow part and the same text recurs thousands of times.
select
    address_id,
    address,
    city,
    country,
    keys.floor as floor,
    keys.units as units,
    keys.building_keys as building_keys,
    keys.unit_keys as unit_keys
from (
    select address_id, address, city, country, address_keys(address, city, country) as keys
    from (select distinct address_id, address, city, country from core.stated_address)
)
