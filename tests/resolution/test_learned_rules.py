import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.learning.rules import TWINS, UnknownRuleError, rule_pairs, texts, values_sql

NAMES = [
    "Golden Star Trading Co., Ltd.",
    "榮滔有限公司",
    "شركة النفط الوطنية",
    "ООО «Ромашка»",
    "Éclair & Sons",
    "A",
    "77",
    "x" * 300,
    "Robert'); drop table record;--",
    "  ",
    "🏭🏭",
]


def rule(*predicates):
    return {"predicates": [{"function": f, "field": field} for f, field in predicates]}


def records(names, **columns):
    return pa.table({"record_id": [f"r{i}" for i in range(len(names))], "name": names, **columns})


def pairs(found):
    return set(zip(found.left.tolist(), found.right.tolist(), strict=True))


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as con:
        yield con


def assert_twins_agree(con, names):
    text = texts(records(names))
    con.register("text", text)
    for name, (function, _) in TWINS.items():
        sql = f"select list_transform([name], lambda x: {values_sql(name)})[1] from text order by number"
        for written, (values,) in zip(text["name"].to_pylist(), con.execute(sql).fetchall(), strict=True):
            assert set(values) == (set(function(written)) if written else set()), (name, written)


def test_every_predicate_says_the_same_in_dedupe_and_in_sql(engine):
    assert_twins_agree(engine, NAMES)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=25), min_size=1, max_size=8))
def test_the_twins_agree_on_any_text(engine, names):
    assert_twins_agree(engine, [n.replace("\x00", "") for n in names])


def test_records_meet_when_they_share_a_value_of_every_predicate():
    table = records(["Golden Star Trading", "Golden Star Shipping", "Silver Star Trading"], country=["HK", "HK", "CN"])
    both = rule(("firstTwoTokensPredicate", "name"), ("wholeFieldPredicate", "country"))
    assert pairs(rule_pairs(table, [both])) == {(0, 1)}
    assert pairs(rule_pairs(table, [both, rule(("tokenFieldPredicate", "name"))])) == {(0, 1), (0, 2), (1, 2)}


def test_empty_fields_never_meet():
    table = records(["a", "b", "c"], address=[None, "", " - "])
    assert pairs(rule_pairs(table, [rule(("wholeFieldPredicate", "address"))])) == set()


def test_a_key_over_the_limit_is_left_out_and_counted():
    found = rule_pairs(records(["same name"] * 50), [rule(("wholeFieldPredicate", "name"))], max_pairs_per_key=100)
    assert len(found.left) == 0
    assert found.report == [{"rule": "wholeFieldPredicate of name", "pairs": 0, "keys_left_out": 1}]


def test_one_register_and_synthetic_records_are_walled_off():
    table = records(
        ["same name"] * 4,
        source=["hk", "hk", "list", "invented"],
        is_register=[True, True, False, False],
        is_synthetic=[False, False, False, True],
    )
    assert pairs(rule_pairs(table, [rule(("wholeFieldPredicate", "name"))])) == {(0, 2), (1, 2)}


def test_a_rule_that_cannot_be_executed_is_refused_by_name():
    with pytest.raises(UnknownRuleError, match="metaphoneToken"):
        rule_pairs(records(["a"]), [rule(("metaphoneToken", "name"))])
