-- One legal entity: its records merged. Each field comes from the best-supported record that states it:
-- a register before a list, a list before anything else; the oldest line decides between equals.
with listed as (
    select record_id, min(listed_date) as listed_date, bool_or(delisted_date is null) as is_current
    from core.listing
    where not is_address_entry
    group by record_id
),
shipping as (
    select distinct record_id from core.shipment_party
),
home as (
    select record_id, arg_min(country, row(file_id, line, country)) as country from core.record_address group by record_id
),
member as (
    select
        m.canonical_id as entity_id, r.*, coalesce(r.jurisdiction, h.country) as country, l.listed_date,
        l.record_id is not null as is_listed, coalesce(l.is_current, false) as is_listed_now,
        p.record_id is not null as is_shipping_party,
        case when r.is_register then 1 when l.record_id is not null then 2 when p.record_id is null then 3 else 4 end as rank
    from resolved.cluster_member m
    join core.company_record r using (record_id)
    left join listed l using (record_id)
    left join shipping p using (record_id)
    left join home h using (record_id)
),
grown as materialized (
    select entity_id from member group by entity_id having count(*) > 1
),
merged as (
    select
        entity_id, name, record_id as name_record_id, jurisdiction, country, registration_number, lei_code,
        incorporation_date, incorporation_date_precision, dissolution_date, status,
        1::bigint as record_count, [source] as sources, is_register, is_listed, is_listed_now,
        listed_date as first_listed_date, is_shipping_party, is_synthetic
    from member anti join grown using (entity_id)
    union all
    select
        entity_id,
        arg_min(name, place) as name,
        arg_min(record_id, place) filter (name is not null) as name_record_id,
        arg_min(jurisdiction, place) as jurisdiction,
        arg_min(country, place) as country,
        arg_min(registration_number, place) as registration_number,
        arg_min(lei_code, place) as lei_code,
        arg_min(incorporation_date, place) as incorporation_date,
        arg_min(incorporation_date_precision, place) as incorporation_date_precision,
        arg_min(dissolution_date, place) as dissolution_date,
        arg_min(status, place) as status,
        count(*) as record_count,
        list_sort(list_distinct(list(source))) as sources,
        bool_or(is_register) as is_register,
        bool_or(is_listed) as is_listed,
        bool_or(is_listed_now) as is_listed_now,
        min(listed_date) as first_listed_date,
        bool_or(is_shipping_party) as is_shipping_party,
        bool_or(is_synthetic) as is_synthetic
    from (
        select m.*, row(m.rank, m.file_id, m.line, m.record_id) as place
        from member m semi join grown using (entity_id)
    )
    group by entity_id
)
select * from merged
