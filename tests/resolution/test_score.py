import pyarrow as pa
import pytest

from resolution.score import score
from resolution.scoring import load_default


def test_all_columns_come_back_in_order_with_three_more():
    pairs = pa.table(
        {"id": [3, 1], "name_l": ["Acme Ltd", "Foo"], "name_r": ["ACME LIMITED", "Bar"], "note": ["x", "y"]}
    )
    found = score(pairs)
    assert found.column_names == ["id", "name_l", "name_r", "note", "probability", "is_match", "why"]
    assert found.select(pairs.column_names).equals(pairs)
    threshold = load_default().threshold
    assert found["is_match"].to_pylist() == [p >= threshold for p in found["probability"].to_pylist()]


def test_scoring_twice_replaces_the_columns_added():
    pairs = pa.table({"name_l": ["Acme Ltd"], "name_r": ["ACME LIMITED"]})
    assert score(score(pairs)).equals(score(pairs))


def test_a_cell_may_hold_several_names_in_several_scripts():
    one = {"name_l": ["Victory Wave; 榮滔有限公司"], "name_r": ["榮滔有限公司"]}
    none = {"name_l": ["Victory Wave"], "name_r": ["榮滔有限公司"]}
    assert score(pa.table(one))["is_match"][0].as_py()
    assert not score(pa.table(none))["is_match"][0].as_py()


def test_why_names_the_strongest_reasons_with_their_bits():
    found = score(pa.table({"name_l": ["Star Trading"], "name_r": ["Moon Trading"]}))
    assert "(-" in found["why"][0].as_py()


def test_swapping_sides_changes_nothing():
    left, right = ["Acme Holdings Ltd", "A"], ["ACME LIMITED", "Foo Bar"]
    forth = score(pa.table({"name_l": left, "name_r": right}))["probability"]
    back = score(pa.table({"name_l": right, "name_r": left}))["probability"]
    assert forth.to_pylist() == pytest.approx(back.to_pylist(), abs=1e-6)


def test_numbers_and_dates_are_read_however_they_are_typed():
    pairs = {
        "name_l": ["Acme", "Acme"],
        "name_r": ["Acme", "Acme"],
        "country_l": ["HK", "HK"],
        "country_r": ["HK", "HK"],
        "registration_number_l": [1234, 1234],
        "registration_number_r": [1234, 9999],
        "incorporation_date_l": ["2010-04-23", "no date"],
        "incorporation_date_r": ["2010-04-23", None],
    }
    same, different = score(pa.table(pairs))["probability"].to_pylist()
    assert same > 0.9 > different


def test_missing_columns_are_named_with_what_was_found():
    with pytest.raises(ValueError, match=r"missing name_r; found name_l, x"):
        score(pa.table({"name_l": ["a"], "x": ["b"]}))


HOSTILE = [
    "",
    None,
    "  ",
    "🏭" * 20,
    "x" * 10_000,
    "a\x00b\x1f\u202e",
    "'); drop table pairs;--",
    "<script>",
    "Ltd",
    "1",
    "АКТОБЕ Ltd",
]


def test_hostile_names_are_scored_and_bounded():
    pairs = [(a, b) for a in HOSTILE for b in HOSTILE]
    found = score(pa.table({"name_l": [a for a, _ in pairs], "name_r": [b for _, b in pairs]}))
    assert found.num_rows == len(pairs)
    assert all(0.0 < p < 1.0 for p in found["probability"].to_pylist())
    empty = score(pa.table({"name_l": ["", None], "name_r": ["x", None]}))
    assert empty["is_match"].to_pylist() == [False, False]


def test_no_pairs_are_no_rows():
    found = score(pa.table({"name_l": pa.array([], pa.string()), "name_r": pa.array([], pa.string())}))
    assert found.num_rows == 0
    assert found.column_names[-3:] == ["probability", "is_match", "why"]
