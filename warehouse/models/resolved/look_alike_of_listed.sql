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
-- The names that are alike may be aliases: the words the two records share are looked for among all their names.
spelling as (
    select distinct n.record_id, n.name, name_words(n.name) as words
    from core.record_name n
    semi join (select record_id from pair union select listed_record_id from pair) using (record_id)
),
listed_word as (
    select distinct unnest(words) as word
    from spelling semi join (select listed_record_id as record_id from pair) using (record_id)
),
word_count as (
    select word, count(*) as entity_count
    from (  -- plain words: looking for initials in every name would cost four times as much
        select unnest(string_split_regex(lower(strip_accents(name)), '[^\p{L}\p{N}]+')) as word from resolved.entity
    )
    semi join listed_word using (word)
    group by word
),
-- A word that is nowhere but in initials counts as borne by the pair alone. A word tells as much as it is rare, but never more than its letters can: two initials are shared by chance.
word_bits as (
    select t.word,
        least(
            log2(total.n / (greatest(coalesce(w.entity_count, 0) - 2, 0) + 0.5)),  -- the pair itself is no sign of commonness
            length(t.word) * if(regexp_full_match(t.word, '[a-z0-9]+'), 4, 10)
        ) as bits
    from listed_word t
    left join word_count w using (word)
    cross join (
        select count(*) + (select value from reference.threshold where name = 'look_alike_background_companies') as n
        from resolved.entity
    ) total
),
shared as (
    select w.entity_id, w.listed_entity_id, w.name, w.listed_name, sum(b.bits) as bits
    from (
        select p.entity_id, p.listed_entity_id, o.name, l.name as listed_name, unnest(list_intersect(o.words, l.words)) as word
        from pair p
        join spelling o on o.record_id = p.record_id
        join spelling l on l.record_id = p.listed_record_id
    ) w
    join word_bits b using (word)
    group by w.entity_id, w.listed_entity_id, w.name, w.listed_name
),
-- Alike without one word in common: another script, or spelled differently. Half of what the listed name tells.
unshared as (
    select p.entity_id, p.listed_entity_id, l.bits
    from pair p
    join (
        select w.record_id, max(b.bits) / 2 as bits
        from (
            select record_id, unnest(words) as word
            from spelling semi join (select listed_record_id as record_id from pair) using (record_id)
        ) w
        join word_bits b using (word)
        group by w.record_id
    ) l on l.record_id = p.listed_record_id
),
information as (
    select u.entity_id, u.listed_entity_id, coalesce(max(s.bits), max(u.bits)) as bits,
        arg_max(s.name, row(s.bits, s.name)) as shared_name, arg_max(s.listed_name, row(s.bits, s.listed_name)) as shared_listed_name
    from unshared u
    left join shared s using (entity_id, listed_entity_id)
    group by u.entity_id, u.listed_entity_id
)
select
    p.entity_id,
    p.listed_entity_id,
    p.name,
    p.listed_name,
    coalesce(i.shared_name, p.name) as alike_name,
    coalesce(i.shared_listed_name, p.listed_name) as alike_listed_name,
    p.strength as name_likeness,
    p.path as name_path,
    p.match_probability,
    p.country,
    coalesce(c.countries, []) as listed_countries,
    p.first_listed_date,
    coalesce(i.bits, 0) as name_bits,
    count(*) over (
        partition by p.listed_entity_id order by p.strength desc
        range between unbounded preceding and current row
    ) as look_alike_count,
    least(1, coalesce(i.bits, 0) / full_bits.value)
        / log2(1 + look_alike_count)
        * (0.5 + 0.5 * (p.strength - least_likeness.value) / (1 - least_likeness.value))
        * if(r.record_kind = 'unknown', unknown_kind.value, 1) as name_weight,
    p.record_id,
    p.listed_record_id,
    p.is_synthetic
from pair p
left join country c using (listed_entity_id)
left join information i using (entity_id, listed_entity_id)
join core.company_record r on r.record_id = p.listed_record_id
cross join (select value from reference.threshold where name = 'look_alike_full_information_bits') full_bits
cross join (select value from reference.threshold where name = 'look_alike_min_likeness') least_likeness
cross join (select value from reference.threshold where name = 'look_alike_unknown_kind_weight') unknown_kind
