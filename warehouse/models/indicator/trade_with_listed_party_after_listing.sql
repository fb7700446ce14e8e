-- Shipments between the entity and a party on a list while it was listed. A fact, not a breach: the trade may be licensed.
-- Shipments that are not in our sources are never evidence of their absence.
with lane as (
    select supplier_entity_id as entity_id, receiver_entity_id as other_entity_id, supplier_record_id as record_id, 'supplied' as verb, * exclude (supplier_entity_id, receiver_entity_id)
    from resolved.trade_lane
    union all
    select receiver_entity_id, supplier_entity_id, receiver_record_id, 'received from', * exclude (supplier_entity_id, receiver_entity_id)
    from resolved.trade_lane
),
with_listed as (
    select l.entity_id, l.other_entity_id, l.shipment_id, l.shipment_date, l.verb, l.file_id, l.line,
        arg_min(row(g.list_name, g.listed_date, g.record_id, g.file_id, g.line), row(g.listed_date, g.list_name)) as listing,
        bool_or(l.shipment_date >= g.listed_date and (g.delisted_date is null or l.shipment_date < g.delisted_date)) as while_listed,
        bool_or(l.shipment_date is null or g.listed_date is null) as is_undated
    from lane l
    join resolved.entity_listing g on g.entity_id = l.other_entity_id
    group by l.entity_id, l.other_entity_id, l.shipment_id, l.shipment_date, l.verb, l.file_id, l.line
),
partner as (
    select entity_id, other_entity_id,
        count(*) filter (while_listed) as shipment_count,
        bool_or(is_undated and not coalesce(while_listed, false)) as has_undated,
        min(shipment_date) filter (while_listed) as first_date,
        any_value(listing) as listing,
        min(verb) as verb,
        list({'table_name': 'core.shipment', 'row_id': shipment_id, 'file_id': file_id, 'line': line,
            'note': concat('shipment of ', shipment_date)} order by shipment_date, shipment_id) filter (while_listed) as shipments
    from with_listed
    group by entity_id, other_entity_id
),
best as (
    select distinct on (p.entity_id) p.*, e.name as other_name
    from partner p
    join resolved.entity e on e.entity_id = p.other_entity_id
    order by p.entity_id, p.shipment_count desc, p.has_undated desc, p.other_entity_id
),
active as (
    select distinct entity_id from lane
),
judged as (
    select s.entity_id, s.is_synthetic, b.* exclude (entity_id),
        t.value as min_shipments,
        case
            when b.shipment_count >= min_shipments then 'fired'
            when b.has_undated then 'not_checkable'
            when s.entity_id in (select entity_id from active) and exists (from resolved.entity_listing) then 'clear'
            else 'not_checkable'
        end as state
    from resolved.indicator_subject s
    left join best b using (entity_id)
    cross join (select value from reference.threshold where name = 'trade_with_listed_min_shipments') t
)
select
    entity_id,
    'trade_with_listed_party_after_listing' as indicator,
    state,
    coalesce(shipment_count, 0)::double as value,
    min_shipments as threshold,
    if(state = 'fired', shipment_count / (shipment_count + 1), 0)::double as weight,
    other_entity_id as counterpart_entity_id,
    case when state = 'fired' then list_append(
        shipments[1:5],
        {'table_name': 'core.listing', 'row_id': listing[3], 'file_id': listing[4], 'line': listing[5],
            'note': concat('the listing: ', other_name, ', ', listing[1], ', ', listing[2])}
    ) else [] end as evidence,
    case
        when state = 'fired' then format(
            '{} "{}" in {} shipment(s) while that was listed ({}, from {}), the first on {}; the trade may be licensed.',
            upper(verb[1]) || verb[2:], other_name, shipment_count, listing[1], listing[2]::varchar, first_date::varchar)
        when state = 'clear' and other_entity_id is not null then format('Traded with "{}", but not while that was listed.', other_name)
        when state = 'clear' then 'No shipment in the sources links it to a listed party; absence here proves nothing.'
        when other_entity_id is not null then format('Traded with "{}", which was listed, but a date is missing.', other_name)
        else 'No shipment in the sources shows with whom it trades.'
    end as why,
    $config_version::varchar as config_version,
    $as_of::date as as_of,
    is_synthetic
from judged
