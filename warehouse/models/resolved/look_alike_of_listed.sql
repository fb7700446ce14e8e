-- Every unlisted entity that looks like a listed one, with what decides whether that means anything: where both are
-- at home, how informative the shared words are, and how many others look like the same listed party.
with tie as (
    select t.left_entity_id as entity_id, t.right_entity_id as listed_entity_id,
        t.left_record_id as record_id, t.right_record_id as listed_record_id, t.strength, t.path, t.match_probability
    from resolved.network_tie t where t.tie_kind = 'look_alike'
    union all
    select t.right_entity_id, t.left_entity_id, t.right_record_id, t.left_record_id, t.strength, t.path, t.match_probability
    from resolved.network_tie t where t.tie_kind = 'look_alike'
),
pair as (
    select t.*, e.name, e.country, l.name as listed_name, l.first_listed_date, e.is_synthetic
    from tie t
    join resolved.entity e on e.entity_id = t.entity_id and not e.is_listed
    join resolved.entity l on l.entity_id = t.listed_entity_id and l.is_listed
),
country as (
    select m.canonical_id as listed_entity_id, list_sort(list_distinct(list(c.country))) as countries
    from (
        select record_id, jurisdiction as country from core.company_record where jurisdiction is not null
        union all
        select record_id, country from core.record_address where country is not null
    ) c
    join resolved.cluster_member m using (record_id)
    semi join resolved.entity_listing e on e.entity_id = m.canonical_id
    group by m.canonical_id
),
listed_word as (
    select distinct listed_entity_id,
        unnest(string_split_regex(lower(strip_accents(listed_name)), '[^\p{L}\p{N}]+')) as word
    from (select distinct listed_entity_id, listed_name from pair)
),
word_count as (
    select word, count(*) as entity_count
    from (
        select distinct entity_id, unnest(string_split_regex(lower(strip_accents(name)), '[^\p{L}\p{N}]+')) as word
        from resolved.entity
    )
    semi join listed_word using (word)
    where word <> ''
    group by word
),
information as (
    select p.entity_id, p.listed_entity_id,
        sum(log2(total.n / w.entity_count)) filter (
            list_contains(string_split_regex(lower(strip_accents(p.name)), '[^\p{L}\p{N}]+'), w.word)
        ) as shared_bits,
        sum(log2(total.n / w.entity_count)) as listed_bits
    from pair p
    join listed_word l using (listed_entity_id)
    join word_count w using (word)
    cross join (
        -- A small warehouse cannot know which words are common: it is given the benefit of the doubt.
        select count(*) + (select value from reference.threshold where name = 'look_alike_background_companies') as n
        from resolved.entity
    ) total
    group by p.entity_id, p.listed_entity_id
)
select
    p.entity_id,
    p.listed_entity_id,
    p.name,
    p.listed_name,
    p.strength as name_likeness,
    p.path as name_path,
    p.match_probability,
    p.country,
    coalesce(c.countries, []) as listed_countries,
    p.first_listed_date,
    coalesce(i.shared_bits, i.listed_bits, 0) as name_bits,
    count(*) over (
        partition by p.listed_entity_id order by p.strength desc
        range between unbounded preceding and current row
    ) as look_alike_count,
    least(1, coalesce(i.shared_bits, i.listed_bits, 0)
        / (select value from reference.threshold where name = 'look_alike_full_information_bits'))
        / log2(1 + look_alike_count) as name_weight,
    p.record_id,
    p.listed_record_id,
    p.is_synthetic
from pair p
left join country c using (listed_entity_id)
left join information i using (entity_id, listed_entity_id)
