"""Blocking rules that dedupe learns, and the same rules as SQL for the bulk path.

A rule is a conjunction of predicates, each a function of one field; two records meet when some value of
every predicate is equal. dedupe evaluates them in Python on a few hundred records; DuckDB evaluates them
on millions. Both start from the same text (``TEXT``: lower case, no accents, words of letters and digits
parted by single spaces), and a test holds each pair of twins equal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from dedupe import predicates as dp

Int32s = npt.NDArray[np.int32]

FIELDS = ("name", "address", "country")
TEXT = r"trim(regexp_replace(lower(strip_accents({field})), '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"
WORDS = "string_split(x, ' ')"
JOINED = "replace(x, ' ', '')"

# dedupe's function and, as SQL on the text x, the list of its values.
TWINS: dict[str, tuple[Callable[[str], frozenset[str]], str]] = {
    "wholeFieldPredicate": (dp.wholeFieldPredicate, "[x]"),
    "tokenFieldPredicate": (dp.tokenFieldPredicate, WORDS),
    "firstTokenPredicate": (dp.firstTokenPredicate, f"{WORDS}[:1]"),
    "firstTwoTokensPredicate": (
        dp.firstTwoTokensPredicate,
        f"case when len({WORDS}) > 1 then [array_to_string({WORDS}[:2], ' ')] else [] end",
    ),
    "commonTwoTokens": (
        dp.commonTwoTokens,
        f"list_transform(range(1, len({WORDS})), lambda i: array_to_string({WORDS}[i:i+1], ' '))",
    ),
    "commonThreeTokens": (
        dp.commonThreeTokens,
        f"list_transform(range(1, len({WORDS}) - 1), lambda i: array_to_string({WORDS}[i:i+2], ' '))",
    ),
    "fingerprint": (dp.fingerprint, f"[array_to_string(list_sort({WORDS}), '')]"),
    "oneGramFingerprint": (
        dp.oneGramFingerprint,
        f"[array_to_string(list_sort(list_distinct(list_transform(range(1, length({JOINED}) + 1), "
        f"lambda i: substr({JOINED}, i, 1)))), '')]",
    ),
    "commonSixGram": (
        dp.commonSixGram,
        f"list_transform(range(1, length({JOINED}) - 4), lambda i: substr({JOINED}, i, 6))",
    ),
    "sameThreeCharStartPredicate": (dp.sameThreeCharStartPredicate, f"[substr({JOINED}, 1, 3)]"),
    "sameFiveCharStartPredicate": (dp.sameFiveCharStartPredicate, f"[substr({JOINED}, 1, 5)]"),
    "sameSevenCharStartPredicate": (dp.sameSevenCharStartPredicate, f"[substr({JOINED}, 1, 7)]"),
    "sortedAcronym": (
        dp.sortedAcronym,
        f"[array_to_string(list_sort(list_transform({WORDS}, lambda w: substr(w, 1, 1))), '')]",
    ),
}

# Which functions dedupe may choose from for each field: what can tell companies apart there.
CANDIDATES: Mapping[str, Sequence[str]] = {
    "name": tuple(TWINS),
    "address": (
        "wholeFieldPredicate",
        "firstTwoTokensPredicate",
        "commonTwoTokens",
        "commonThreeTokens",
        "fingerprint",
        "sameSevenCharStartPredicate",
    ),
    "country": ("wholeFieldPredicate",),
}


class UnknownRuleError(ValueError):
    """A model carries a blocking rule that this version cannot execute."""


@dataclass(frozen=True)
class RulePairs:
    """Pairs that learned rules propose: ``left < right`` record numbers, each pair once, with a report."""

    left: Int32s
    right: Int32s
    report: list[dict[str, Any]]


def texts(records: pa.Table) -> pa.Table:
    """``number, name, address, country`` of each record as rule text; null where the field is empty."""
    columns = ", ".join(
        f"nullif({TEXT.format(field=field)}, '') as {field}"
        if field in records.column_names
        else f"null::varchar as {field}"
        for field in FIELDS
    )
    with duckdb.connect() as con:
        con.register("record", records.append_column("number", pa.array(np.arange(records.num_rows))))
        return con.execute(f"select number, {columns} from record order by number").to_arrow_table()


def rule_pairs(records: pa.Table, rules: Sequence[Mapping[str, Any]], *, max_pairs_per_key: int = 500) -> RulePairs:
    """Execute a model's ``rules`` over RECORDS.

    A key costs the pairs it would make; keys over ``max_pairs_per_key`` are left out and counted. Two
    records of one register, and synthetic with real records, are never paired.
    """
    report: list[dict[str, Any]] = []
    found: list[npt.NDArray[np.int64]] = []
    count = records.num_rows
    with duckdb.connect() as con:
        con.register("text", texts(records))
        con.register("standing", _standing(records))
        con.execute("create table record as select * from text join standing using (number)")
        for rule in rules:
            con.execute(f"create or replace table rule_key as {_keys_sql(rule)}")
            table = con.execute(PAIRS, {"cap": max_pairs_per_key}).to_arrow_table()
            left, right = (table[c].to_numpy().astype(np.int64) for c in ("left_number", "right_number"))
            over = con.execute(OVER, {"cap": max_pairs_per_key}).fetchone()
            report.append({"rule": rule_name(rule), "pairs": len(left), "keys_left_out": over[0] if over else 0})
            found.append(left * count + right)
    keys = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    both = np.divmod(keys, max(count, 1))
    return RulePairs(both[0].astype(np.int32), both[1].astype(np.int32), report)


def rule_name(rule: Mapping[str, Any]) -> str:
    """A rule in words: ``commonTwoTokens of name and wholeFieldPredicate of country``."""
    return " and ".join(f"{p['function']} of {p['field']}" for p in rule["predicates"])


# A key's cost leaves out what is never compared: pairs within one register, and real with synthetic.
COST = """
key_cost as (
    select key, sum(records) * (sum(records) - 1) / 2 - sum(case when register >= 0 then
        records * (records - 1) / 2 else 0 end) as pairs
    from (select key, register, count(*) as records from rule_key group by all)
    group by key having count(*) > 1 or min(register) < 0
)
"""
PAIRS = f"""
with {COST}
select distinct a.number as left_number, b.number as right_number
from rule_key a join key_cost c using (key) join rule_key b using (key)
where c.pairs between 1 and $cap and a.number < b.number
    and (a.register < 0 or a.register <> b.register) and a.is_synthetic = b.is_synthetic
"""
OVER = f"with {COST} select count(*) from key_cost where pairs > $cap"


def values_sql(function: str) -> str:
    """The SQL twin of a dedupe predicate: a list of values of the text ``x``, empty where it is null."""
    return f"case when x is null then [] else {TWINS[function][1]} end"


def _keys_sql(rule: Mapping[str, Any]) -> str:
    """A select of ``number, register, is_synthetic, key``, one row per record and key of the rule."""
    lists = []
    for predicate in rule["predicates"]:
        function, field = predicate["function"], predicate["field"]
        if function not in TWINS or field not in FIELDS:
            raise UnknownRuleError(
                f"expected a blocking rule of {', '.join(TWINS)} on {', '.join(FIELDS)}, "
                f"found {function!r} on {field!r}; train the model again"
            )
        lists.append(f"list_transform([{field}], lambda x: {values_sql(function)})[1]")
    # Nested unnest makes the cross product of the predicates' values; side by side they would be zipped.
    source = "record"
    for i, sql in enumerate(lists):
        source = f"(select *, unnest({sql}) as k{i} from {source})"
    key = "hash(" + ", ".join(f"k{i}" for i in range(len(lists))) + ")"
    return f"select distinct number, register, is_synthetic, {key} as key from {source}"


def _standing(records: pa.Table) -> pa.Table:
    """Per record: its register (-1: none) and whether it is synthetic."""
    count = records.num_rows
    number = pa.array(np.arange(count))
    register, synthetic = np.full(count, -1), np.zeros(count, dtype=bool)
    if {"source", "is_register"} <= set(records.column_names):
        codes = records["source"].combine_chunks().dictionary_encode().indices.fill_null(-1)
        held = records["is_register"].fill_null(False).to_numpy(zero_copy_only=False)
        register = np.where(held, codes.to_numpy(zero_copy_only=False), -1)
    if "is_synthetic" in records.column_names:
        synthetic = records["is_synthetic"].fill_null(False).to_numpy(zero_copy_only=False)
    return pa.table({"number": number, "register": register, "is_synthetic": synthetic})
