-- Entities worth a person's time. Bits are log2 of the indicator's likelihood ratio times the weight of the firing; a family of
-- indicators is capped, since they look at one circumstance; what speaks against the lead is taken off. Uncalibrated.
with fired as (
    select s.entity_id, s.indicator, s.weight, s.counterpart_entity_id, s.evidence, s.why, s.config_version, s.as_of, s.is_synthetic,
        i.axis, i.family, log2(i.likelihood_ratio) * s.weight as bits
    from mart.indicator_state s
    join reference.indicator i using (indicator)
    where s.state = 'fired'
),
family as (
    select entity_id, axis, family,
        least(sum(bits), (select value from reference.threshold where name = 'family_cap_bits')) as bits
    from fired
    group by entity_id, axis, family
),
scored as (
    select entity_id,
        coalesce(sum(bits) filter (axis = 'opacity'), 0) as opacity_bits,
        coalesce(sum(bits) filter (axis = 'linkage'), 0) as linkage_bits,
        coalesce(sum(bits) filter (axis = 'diversion'), 0) as diversion_bits,
        coalesce(sum(bits) filter (axis = 'exculpation'), 0) as exculpation_bits,
        count(distinct axis) filter (axis <> 'exculpation') as axis_count,
        count(distinct family) filter (axis <> 'exculpation') as family_count,
        bool_or(family in ('address', 'trade', 'goods')) as has_more_than_name,
        bool_or(family in ('address', 'trade', 'goods', 'timing')) as has_more_than_likeness
    from family
    group by entity_id
),
support as (
    select f.entity_id, count(distinct s.publisher) as independent_source_count
    from (select entity_id, unnest(evidence) as e from fired where axis <> 'exculpation') f
    join meta.source_file m on m.file_id = f.e.file_id
    join meta.source s using (source)
    group by f.entity_id
),
told as (
    select entity_id,
        string_agg(why, ' ' order by bits desc, indicator) filter (axis <> 'exculpation') as why,
        string_agg(why, ' ' order by bits, indicator) filter (axis = 'exculpation') as speaks_against,
        list(indicator order by bits desc, indicator) filter (axis <> 'exculpation') as indicators_fired,
        arg_max(counterpart_entity_id, row(bits, indicator)) filter (axis <> 'exculpation' and counterpart_entity_id is not null) as listed_entity_id,
        any_value(config_version) as config_version,
        any_value(as_of) as as_of
    from fired
    group by entity_id
),
opacity as (
    select s.entity_id, count(*) filter (s.state <> 'not_checkable') as checked_count, count(*) as indicator_count
    from mart.indicator_state s
    join reference.indicator i using (indicator)
    where i.axis = 'opacity'
    group by s.entity_id
),
unseen as (
    select entity_id, list(indicator order by indicator) as indicators_not_checkable
    from mart.indicator_state
    where state = 'not_checkable'
    group by entity_id
),
total as (
    select *, opacity_bits + linkage_bits + diversion_bits + exculpation_bits as total_bits
    from scored
    where linkage_bits + diversion_bits > 0
),
banded as (
    select t.*,
        coalesce(p.independent_source_count, 0) as independent_source_count,
        case
            when total_bits >= (select value from reference.threshold where name = 'high_min_bits')
                and axis_count >= 2 and family_count >= 2 and coalesce(p.independent_source_count, 0) >= 2 and has_more_than_name
                then 'high'
            when total_bits >= (select value from reference.threshold where name = 'medium_min_bits')
                and has_more_than_likeness  -- a like name alone, whatever hides behind the address, is never more than low
                then 'medium'
            else 'low'
        end as band
    from total t
    left join support p using (entity_id)
    where total_bits >= (select value from reference.threshold where name = 'lead_min_bits')
)
select
    'lead-' || left(md5(b.entity_id), 16) as lead_id,
    row_number() over (
        order by array_position(['high', 'medium', 'low'], b.band), b.total_bits desc, b.family_count desc, b.entity_id
    ) as rank,
    b.band,
    b.entity_id,
    e.name,
    e.country,
    e.incorporation_date,
    e.dissolution_date,
    o.why,
    o.speaks_against,
    if(y.checked_count > 0, b.opacity_bits, null) as opacity_bits,
    if(y.checked_count > 0, format('{} of {} indicators checked', y.checked_count, y.indicator_count), 'not checkable') as opacity_state,
    b.linkage_bits,
    b.diversion_bits,
    b.exculpation_bits,
    b.total_bits,
    b.axis_count,
    b.family_count,
    b.independent_source_count,
    o.indicators_fired,
    coalesce(u.indicators_not_checkable, []) as indicators_not_checkable,
    o.listed_entity_id,
    l.name as listed_name,
    l.first_listed_date as listed_date,
    true as is_uncalibrated,
    'Lead for review. Not a finding of wrongdoing.' as disclaimer,
    o.config_version,
    o.as_of,
    e.is_synthetic
from banded b
join resolved.entity e using (entity_id)
join told o using (entity_id)
left join opacity y using (entity_id)
left join unseen u using (entity_id)
left join resolved.entity l on l.entity_id = o.listed_entity_id
order by rank
