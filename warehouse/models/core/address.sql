-- Distinct address texts, read once each: parsing is the slow part and the same text recurs thousands of times.
with text as (
    select distinct address, city, upper(country) as country from staging.record_address
)
select
    md5(concat_ws(chr(31), address, coalesce(city, ''), coalesce(country, ''))) as address_id,
    address,
    city,
    country,
    keys.floor as floor,
    keys.units as units,
    keys.building_keys as building_keys,
    keys.unit_keys as unit_keys
from (select address, city, country, address_keys(address, city, country) as keys from text)
