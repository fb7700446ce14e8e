-- What resolution compares: companies and parties of unknown kind. Persons, vessels and address entries stay out,
-- since a person's name must not merge with a company's.
with several_primary as (
    select hash(record_id) as record_hash
    from core.record_name where name_kind = 'primary' group by record_hash having count(*) > 1
),
other_name as (
    select record_id, list(name) as names
    from core.record_name
    where name_kind <> 'primary' or hash(record_id) in (select record_hash from several_primary)
    group by record_id
),
address as (
    select record_id, arg_min(row(address, city, postcode, country), row(file_id, line, address)) as first_address,
        arg_min(country, row(file_id, line, address)) as first_country
    from core.record_address
    group by record_id
),
identifier as (
    select record_id,
        min(identifier) filter (identifier_kind = 'registration_number') as registration_number,
        min(identifier) filter (identifier_kind = 'lei') as lei,
        min(identifier) filter (identifier_kind = 'phone') as phone,
        min(identifier) filter (identifier_kind = 'email') as email,
        min(identifier) filter (identifier_kind = 'website') as website
    from core.record_identifier
    where identifier_kind in ('registration_number', 'lei', 'phone', 'email', 'website')
    group by record_id
),
listed as (
    select record_id, min(listed_date) as known_since from core.listing group by record_id
)
select
    r.record_id,
    r.source,
    r.name,
    case
        when n.names is null then []
        when len(n.names) = 1 and n.names[1] <> r.name then n.names
        else list_sort(list_distinct(list_filter(n.names, lambda other: other is distinct from r.name)))
    end as other_names,
    coalesce(r.jurisdiction, a.first_country) as country,
    a.first_address[1] as address,
    a.first_address[2] as city,
    a.first_address[3] as postcode,
    coalesce(r.registration_number, i.registration_number) as registration_number,
    coalesce(r.lei_code, i.lei) as lei,
    i.phone,
    i.email,
    i.website,
    r.incorporation_date,
    r.dissolution_date,
    l.known_since,
    r.is_register,
    r.is_synthetic
from core.company_record r
left join other_name n using (record_id)
left join address a using (record_id)
left join identifier i using (record_id)
left join listed l using (record_id)
where r.record_kind in ('company', 'unknown')
