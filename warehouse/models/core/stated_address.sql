-- Who states which address, in which country. A registered address without a country is taken to lie in the country of
-- registration, where the law wants it; any other address without a country stays without.
with stated as (
    select record_id, address, city, upper(country) as country, address_kind,
        max(region) as region, max(postcode) as postcode,
        min(row(file_id, line)) as place, place[1] as file_id, place[2] as line
    from staging.record_address
    group by record_id, address, city, upper(country), address_kind
),
home as (
    select r.record_id, r.jurisdiction
    from core.company_record r
    semi join (select record_id from stated where country is null and address_kind = 'registered') using (record_id)
)
select
    s.record_id,
    md5(concat_ws(chr(31), s.address, coalesce(s.city, ''), coalesce(s.country, h.jurisdiction, ''))) as address_id,
    s.address,
    s.city,
    s.region,
    s.postcode,
    coalesce(s.country, h.jurisdiction) as country,
    s.country is null and h.jurisdiction is not null as is_country_assumed,
    s.address_kind,
    s.file_id,
    s.line
from (select *, if(country is null and address_kind = 'registered', record_id, null) as homeless_record_id from stated) s
left join home h on h.record_id = s.homeless_record_id
