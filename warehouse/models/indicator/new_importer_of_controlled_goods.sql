-- Received nothing of a watched family before it was controlled, and some after. Only a source that reaches far enough back can
-- show that there was nothing before; otherwise the answer is not known.
with receipt as (
    select p.canonical_id as entity_id, t.shipment_id, t.shipment_date, t.source
    from core.shipment t
    join core.shipment_party s on s.shipment_id = t.shipment_id and s.side = 'receiver'
    join resolved.cluster_member p using (record_id)
    group by all
),
-- One mistyped year must not make a source look old: the first of a thousand dates decides.
source_reach as (
    select source, quantile_disc(shipment_date, 0.001) as first_date from core.shipment group by source
),
hit as (
    select r.entity_id, r.shipment_id, r.shipment_date, r.source, g.goods_family, g.basis, g.tier, g.keywords, g.hs6_codes,
        g.file_id, g.line, f.first_date,
        (select value from reference.threshold w where w.name = case g.basis
            when 'code and description' then 'goods_weight_code_and_description'
            when 'description' then 'goods_weight_description' else 'goods_weight_code' end)
        * coalesce((select value from reference.threshold w where w.name = 'goods_weight_tier_' || left(g.tier, 1)), 1)
        * if(g.is_possible_only, 0.5, 1) as goods_weight
    from receipt r
    join core.controlled_goods g using (shipment_id)
    join source_reach f using (source)
),
turn as (
    select h.entity_id, h.goods_family, c.control_date, c.regime,
        count(*) filter (h.shipment_date < c.control_date) as before_count,
        count(*) filter (h.shipment_date >= c.control_date) as after_count,
        bool_or(h.shipment_date is null) as has_undated,
        min(h.first_date) filter (h.shipment_date >= c.control_date) as reach,
        min(h.shipment_date) filter (h.shipment_date >= c.control_date) as first_after,
        max(h.goods_weight) filter (h.shipment_date >= c.control_date) as goods_weight,
        list({'table_name': 'core.shipment_goods', 'row_id': h.shipment_id, 'file_id': h.file_id, 'line': h.line,
            'note': concat('goods received on ', h.shipment_date, ': ', array_to_string(list_concat(h.hs6_codes, h.keywords), ', '))}
            order by h.shipment_date, h.shipment_id) filter (h.shipment_date >= c.control_date) as evidence
    from hit h
    join reference.control_date c using (goods_family)
    group by h.entity_id, h.goods_family, c.control_date, c.regime
),
judged as (
    select t.*, f.title,
        m.value as min_shipments,
        case
            when before_count > 0 or (after_count = 0 and not has_undated) then 'clear'
            when has_undated then 'not_checkable'
            when after_count < min_shipments then 'clear'
            when reach <= control_date - (select value from reference.threshold where name = 'new_importer_coverage_days')::integer then 'fired'
            else 'not_checkable'
        end as state
    from turn t
    join reference.goods_family f using (goods_family)
    cross join (select value from reference.threshold where name = 'new_importer_min_shipments') m
),
best as (
    select distinct on (entity_id) * from judged
    order by entity_id, array_position(['fired', 'not_checkable', 'clear'], state), goods_weight desc nulls last, control_date, goods_family
),
receiver as (
    select entity_id, bool_or(shipment_date is not null) as has_dated from receipt group by entity_id
)
select
    s.entity_id,
    'new_importer_of_controlled_goods' as indicator,
    case
        when b.entity_id is not null then b.state
        when r.has_dated then 'clear'
        else 'not_checkable'
    end as state,
    b.after_count::double as value,
    (select value from reference.threshold where name = 'new_importer_min_shipments') as threshold,
    if(b.state = 'fired', b.goods_weight, 0)::double as weight,
    null::varchar as counterpart_entity_id,
    coalesce(b.evidence[1:5], []) as evidence,
    case
        when r.entity_id is null then 'No shipment in the sources goes to it.'
        when b.entity_id is null and not r.has_dated then 'No shipment to it carries a date.'
        when b.entity_id is null then 'No shipment to it in the sources carries goods of a watched family.'
        when b.state = 'fired' then format(
            'First received goods of the family {} on {}, after they were controlled ({}, {}); {} such shipment(s), none before.',
            b.title, b.first_after::varchar, b.control_date::varchar, b.regime, b.after_count)
        when b.before_count > 0 then format('Received goods of the family {} already before {} ({}).', b.title, b.control_date::varchar, b.regime)
        when b.after_count = 0 then format('Received no goods of the family {} after {}.', b.title, b.control_date::varchar)
        when b.has_undated then format('Received goods of the family {}, but a shipment carries no date.', b.title)
        else format('Received goods of the family {} after {}, but the source begins only on {}: earlier imports cannot be ruled out.',
            b.title, b.control_date::varchar, coalesce(b.reach::varchar, 'an unknown day'))
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    s.is_synthetic
from resolved.indicator_subject s
left join receiver r using (entity_id)
left join best b using (entity_id)
