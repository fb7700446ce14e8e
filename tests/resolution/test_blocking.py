"""Candidate pairs: found, bounded, and never across a wall."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.blocking import RULES, Candidates, candidate_pairs
from resolution.names.prepare import prepare


def blocked(rows: list[dict[str, object]], **bounds: int) -> Candidates:
    columns = sorted({key for row in rows for key in row})
    table = {column: [row.get(column) for row in rows] for column in columns}
    table.setdefault("record_id", [str(number) for number in range(len(rows))])
    return candidate_pairs(prepare(pa.table(table)), **bounds)


def proposed(left: str, right: str, **same: object) -> list[str]:
    found = blocked([{"name": left, **same}, {"name": right, **same}])
    return found.rule_names(0) if len(found) else []


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [
        ("Alpha Beta Trading Ltd", "BETA ALPHA TRADE CO", "same core words"),
        ("Victory Wave Limited", "Victory Wave Holdings Limited", "same distinctive words"),
        ("Zyxomma Alpha Beta", "Gamma Beta Zyxomma", "two rarest words"),
        ("Zyxomma", "Delta Zyxomma", "rarest word"),
        ("THALES NEDERLAND BV", "THALES NEDERLAND BV, HENGELO", "first word"),
        ("Mikrogenetika", "Mikrogen", "same beginning"),
        ("KHAYBAR COMPANY", "KHEYBAR COMPANY", "same sounds"),
        ("N.V.FILIPS GLOEILAMPENFABRIEKEN", "N V PHILIPS' GLOEILAMPENFABRIEKEN", "same sounds"),
        ("SaraLee BV", "Sara Lee BV", "same sounds"),
        ("NATIONAL IRANIAN OIL COMPANY", "NIOC", "same initials"),
        ("深圳市华为技术有限公司", "SHENZHEN HUAWEI TECHNOLOGIES CO LTD", "same core words"),
        ("Рога и Копыта ООО", "ROGA I KOPYTA OOO", "two rarest words"),
    ],
)
def test_each_rule_finds_what_it_is_for(left: str, right: str, rule: str) -> None:
    assert rule in proposed(left, right)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("registration_number", "0123-456", "registration number"),
        ("lei", "097900BID10000147476", "LEI"),
        ("phone", "+852 2345 6789", "phone"),
        ("email", "a@zyxomma.com", "e-mail"),
        ("website", "zyxomma.com", "web domain"),
    ],
)
def test_an_equal_identifier_is_enough(field: str, value: str, rule: str) -> None:
    assert proposed("Alpha", "Omega", **{field: value}) == [rule]


def test_an_address_with_one_word_of_the_name_is_enough() -> None:
    address = "Flat 2309, 23/F, Ho King Commercial Centre"
    assert "address and a word" in proposed("Alpha Zyxomma Beta", "Gamma Kappa Zyxomma", address=address)
    assert proposed("Alpha Beta", "Gamma Delta", address=address) == []


def test_names_without_anything_in_common_are_no_candidates() -> None:
    assert proposed("Alpha Trading Ltd", "Omega Trading Ltd") == []


def test_a_register_never_meets_itself() -> None:
    rows = [{"name": "Zyxomma", "source": source, "is_register": True} for source in ("hk", "hk", "gb", "gb")]
    rows += [{"name": "Zyxomma", "source": "list", "is_register": False} for _ in range(2)]
    found = blocked(rows)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert pairs == {(a, b) for a in range(6) for b in range(a + 1, 6)} - {(0, 1), (2, 3)}


def test_a_register_does_not_meet_itself_through_initials() -> None:
    rows = [{"name": n, "source": "hk", "is_register": True} for n in ("NIOC", "National Iranian Oil Company")]
    rows.append({"name": "NIOC", "source": "list", "is_register": False})
    found = blocked(rows)
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == {(0, 2), (1, 2)}


def test_synthetic_records_never_meet_real_ones() -> None:
    found = blocked([{"name": "Zyxomma", "is_synthetic": flag} for flag in (True, False, True, None)])
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == {(0, 2), (1, 3)}


def test_two_names_of_one_record_are_no_pair() -> None:
    assert len(blocked([{"name": "Zyxomma Ltd", "other_names": ["Zyxomma Limited", "ZYXOMMA"]}])) == 0


def golden_stars() -> list[dict[str, object]]:
    """Forty companies of one name in each of three countries."""
    return [{"name": "Golden Star", "country": country} for country in ("HK", "CN", "US") for _ in range(40)]


def test_a_common_key_is_made_finer_not_dropped() -> None:
    rows = golden_stars()
    found = blocked(rows, max_block_pairs=1_000)
    per_record = 2 * len(found) / len(rows)
    same_country = {(a // 40 == b // 40) for a, b in zip(found.left, found.right, strict=True)}
    assert True in same_country and 39 <= per_record < 60
    report = next(r for r in found.report if r.rule == "same core words")
    assert report.refined_keys == 1 and report.worst[0].records == 120 and report.worst[0].pairs == 120 * 119 // 2


def test_a_split_block_stays_tied_together() -> None:
    rows = golden_stars()
    found = blocked(rows, max_block_pairs=1_000)
    reached, border = {0}, [0]
    while border:
        at = border.pop()
        near = np.concatenate((found.right[found.left == at], found.left[found.right == at])).tolist()
        border += [n for n in near if n not in reached]
        reached.update(near)
    assert len(reached) == len(rows)


def test_a_hundred_thousand_identical_names_make_pairs_in_proportion() -> None:
    count = 100_000
    table = pa.table({"record_id": pa.array(np.arange(count)).cast(pa.string()), "name": ["Golden Star Ltd"] * count})
    found = candidate_pairs(prepare(table))
    assert count <= len(found) <= 12 * count


def test_a_list_meets_a_register_of_common_names_within_bounds() -> None:
    register = [{"name": "Golden Star", "source": "hk", "is_register": True}] * 20_000
    found = blocked([*register, {"name": "Golden Star", "source": "list", "is_register": False}])
    assert 0 < len(found) <= 5 * 8


@pytest.mark.parametrize("table", [[], [{"name": ""}, {"name": None}, {"name": "🎉"}]])
def test_nothing_to_block_gives_no_pairs(table: list[dict[str, object]]) -> None:
    empty = pa.table({"record_id": pa.array([], pa.string()), "name": pa.array([], pa.string())})
    found = blocked(table) if table else candidate_pairs(prepare(empty))
    assert len(found) == 0 and [r.rule for r in found.report] == [rule.name for rule in RULES]


WORDS = st.sampled_from(["Alpha", "Beta", "Zyxomma", "Trading", "Ltd", "华为", "ООО", "Nioc", "National", "1", "HK"])
RECORD = st.fixed_dictionaries(
    {
        "name": st.none() | st.lists(WORDS, max_size=4).map(" ".join),
        "source": st.sampled_from(["hk", "gb", "list"]),
        "phone": st.none() | st.sampled_from(["23456789", "87654321"]),
        "is_synthetic": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(RECORD, max_size=25), st.integers(1, 30))
def test_walls_hold_and_pairs_are_ordered_and_distinct(rows: list[dict[str, object]], bound: int) -> None:
    for row in rows:
        row["is_register"] = row["source"] != "list"
    if not rows:
        return
    found = blocked(rows, max_block_pairs=bound)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert pairs == sorted(set(pairs)) and all(a < b for a, b in pairs)
    assert (found.rules > 0).all()
    for a, b in pairs:
        assert rows[a]["is_synthetic"] == rows[b]["is_synthetic"]
        assert rows[a]["source"] != rows[b]["source"] or not rows[a]["is_register"]


@settings(max_examples=30, deadline=None)
@given(st.lists(RECORD, min_size=2, max_size=20), st.randoms())
def test_the_order_of_records_does_not_change_the_pairs(
    rows: list[dict[str, object]], random: Callable[..., object]
) -> None:
    for number, row in enumerate(rows):
        row["record_id"] = f"r{number}"
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def ids(order: list[dict[str, object]]) -> set[frozenset[object]]:
        found = blocked(order)
        return {
            frozenset((order[a]["record_id"], order[b]["record_id"]))
            for a, b in zip(found.left, found.right, strict=True)
        }

    assert ids(rows) == ids(shuffled)
