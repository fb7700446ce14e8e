-- Which shipments carry goods of a watched family, by customs code, by words of the description, or both.
-- Words are looked up token by token (and pair of tokens): a hash join instead of a pattern per row.
with coded as (
    select g.shipment_id, c.goods_family, g.file_id, g.line, c.tier, c.hs6_code, c.is_possible_only, null as keyword
    from core.shipment_goods g
    join reference.goods_code c on c.hs6_code = g.hs6_code
),
token as (
    select g.shipment_id, g.hs6_code, g.file_id, g.line,
        string_split_regex(upper(g.description), '[^A-Z0-9]+') as tokens
    from core.shipment_goods g
    where g.description is not null
),
word as (
    select shipment_id, hs6_code, file_id, line, unnest(tokens) as word from token
    union all
    select shipment_id, hs6_code, file_id, line,
        unnest(list_transform(list_zip(tokens, tokens[2:]), lambda p: concat_ws(' ', p[1], p[2]))) as word
    from token
),
spoken as (
    select w.shipment_id, k.goods_family, w.file_id, w.line, null as tier, w.hs6_code, false as is_possible_only, k.keyword
    from word w
    join reference.goods_keyword k on k.keyword = w.word
    where not k.needs_code or left(w.hs6_code, 4) in (
        select left(c.hs6_code, 4) from reference.goods_code c where c.goods_family = k.goods_family
    )
)
select
    h.shipment_id,
    h.goods_family,
    case
        when bool_or(h.keyword is null) and bool_or(h.keyword is not null) then 'code and description'
        when bool_or(h.keyword is null) then 'code'
        else 'description'
    end as basis,
    min(h.tier) as tier,
    coalesce(list_sort(list_distinct(list(h.hs6_code) filter (h.keyword is null))), []) as hs6_codes,
    coalesce(list_sort(list_distinct(list(h.keyword) filter (h.keyword is not null))), []) as keywords,
    bool_and(h.is_possible_only) as is_possible_only,
    s.is_synthetic,
    min(row(h.file_id, h.line))[1] as file_id,
    min(row(h.file_id, h.line))[2] as line
from (select * from coded union all select * from spoken) h
join core.shipment s using (shipment_id)
group by h.shipment_id, h.goods_family, s.is_synthetic
