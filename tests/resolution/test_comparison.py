"""Comparisons: what they say about pairs, and that any pair can be compared."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.comparison import COMPARISONS, NAME_PATHS, compare, compare_with_likeness, name_likeness
from resolution.names.prepare import prepare

ONE, OTHER = np.array([0], np.int32), np.array([1], np.int32)


def compared(left: object, right: object) -> dict[str, float]:
    """The comparisons of one pair; a text is a record with that name alone."""
    rows = [{"name": side} if isinstance(side, str) else side for side in (left, right)]
    columns = {key for row in rows for key in row}
    table = pa.table({"record_id": ["a", "b"], **{c: [row.get(c) for row in rows] for c in sorted(columns)}})
    values = compare(prepare(table), ONE, OTHER)[0]
    return {c.name: float(v) for c, v in zip(COMPARISONS, values, strict=True)}


def likeness(left: str, right: str) -> float:
    found, _ = name_likeness(prepare(pa.table({"record_id": ["a", "b"], "name": [left, right]})), ONE, OTHER)
    return float(found[0])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Victory Wave Limited", "Victory Wave Holdings Limited"),
        ("ICBC (Asia) Limited", "ICBC (London) plc"),
        ("Zyxomma Trading Ltd", "ZYXOMMA INTERNATIONAL GMBH"),
        ("Huawei Technologies", "深圳市华为技术有限公司"),
        ("АКTOBE OIL", "AKTOBE Trading"),
        ("Shenzhen Yuanda", "Yuanda Shen Zhen Co"),
    ],
)
def test_names_are_alike_whatever_place_trade_and_form_they_add(left: str, right: str) -> None:
    assert likeness(left, right) > 0.95


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Golden Star Trading", "Golden Sun Trading"),
        ("General Trading Limited", "National Trading Limited"),
        ("Alpha Limited", "Omega Limited"),
        ("", "Alpha"),
        ("🎉", "🎉"),
    ],
)
def test_names_are_not_alike_without_their_own_words(left: str, right: str) -> None:
    assert likeness(left, right) < 0.75


def test_names_without_a_shared_or_near_word_have_no_likeness_at_all() -> None:
    assert likeness("Alpha Trading Ltd", "Omega Trading Ltd") == 0


def test_sharing_a_word_many_names_have_is_little_likeness() -> None:
    crowd = [f"Golden {chr(65 + n % 26) * 4}{chr(65 + n // 26) * 3}" for n in range(3_000)]
    names = ["Golden Ltd", "Golden Holdings", "Zyxomma Ltd", "Zyxomma Holdings", *crowd]
    prepared = prepare(pa.table({"record_id": [str(n) for n in range(len(names))], "name": names}))
    found, _ = name_likeness(prepared, np.array([0, 2]), np.array([1, 3]))
    assert found[0] < 0.6 and found[1] == 1


def test_comparing_with_likeness_is_comparing_and_likeness() -> None:
    prepared = prepare(pa.table({"record_id": list("abc"), "name": ["Huawei", "华为", None]}))
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    both = compare_with_likeness(prepared, left, right)
    np.testing.assert_array_equal(both.values, compare(prepared, left, right))
    np.testing.assert_array_equal(both.likeness, name_likeness(prepared, left, right)[0])


def test_the_path_says_whether_scripts_were_crossed() -> None:
    table = pa.table({"record_id": list("abc"), "name": ["Huawei", "华为", "HUAWEI Ltd"]})
    _, path = name_likeness(prepare(table), np.array([0, 0]), np.array([1, 2]))
    assert [NAME_PATHS[p] for p in path] == ["transliterated", "same script"]


def test_typing_errors_cut_ends_and_joined_words_nearly_agree() -> None:
    assert compared("Trafalgura Group", "Trafigura Group")["name_core"] > 0.75
    assert compared("Zyxomma Internati", "Zyxomma International")["name_core"] > 0.85
    assert compared("vanderbilt corp", "van der bilt corp")["name_core"] == 1
    assert compared("BIGDATA Ltd", "BIG DATA Ltd")["name_core"] == 1
    assert compared("BIGDATA Ltd", "DATABIG Ltd")["name_core"] < 1  # the same letters, but not parted in another way


def test_omission_is_not_contradiction() -> None:
    left_out = compared("Zyxomma Kappa", "Zyxomma Kappa Quartz")
    replaced = compared("Zyxomma Kappa Topaz", "Zyxomma Kappa Quartz")
    assert left_out["omitted_information"] > 5 and left_out["contradicting_information"] == 0
    assert replaced["contradicting_information"] > 5
    assert left_out["name_core"] > replaced["name_core"]


def test_rare_shared_words_tell_more_than_common_ones() -> None:
    rare = compared("Zyxomma Ltd", "Zyxomma Ltd")["shared_information"]
    assert rare > compared("Golden Ltd", "Golden Ltd")["shared_information"] + 2


def test_words_whose_digits_differ_are_never_near() -> None:
    assert compared("Unit A77412", "Unit A77413")["name_core"] < 0.5


@pytest.mark.parametrize(
    ("left", "right", "value"),
    [
        ("Plant No. 1", "Plant No. 2", 0),
        ("Plant 77", "Plant 77", 1),
        ("First Plant", "1st Plant", 1),
        ("Plant", "Plant 7", 0.5),
    ],
)
def test_numerals_agree_or_conflict(left: str, right: str, value: float) -> None:
    assert compared(left, right)["numerals"] == value


def test_legal_forms_agree_are_of_one_kind_or_differ() -> None:
    assert compared("Alpha Ltd", "Alpha Limited")["legal_form"] == 1
    assert compared("Alpha GmbH", "Alpha Ltd")["legal_form"] == pytest.approx(0.7)
    assert compared("Alpha AG", "Alpha GmbH")["legal_form"] == 0
    assert np.isnan(compared("Alpha", "Alpha GmbH")["legal_form"])


def test_places_in_names_agree_or_conflict() -> None:
    assert compared("Alpha (Hong Kong)", "Alpha HK")["place_in_name"] == 1
    assert compared("Alpha (Shenzhen)", "Alpha China")["place_in_name"] == 0.5
    assert compared("Alpha (Spain)", "Alpha (Netherlands)")["place_in_name"] == 0
    assert np.isnan(compared("Alpha", "Alpha")["place_in_name"])


def test_initials_are_recognised() -> None:
    assert compared("NIOC", "National Iranian Oil Company")["initials"] == 1
    assert compared("XQZ", "National Iranian Oil Company")["initials"] == 0


def test_the_two_names_that_agree_most_are_compared() -> None:
    record = {"name": "Former Name Ltd", "other_names": ["榮滔有限公司", "Zyxomma Ltd"]}
    found = compared(record, {"name": "ZYXOMMA LIMITED"})
    assert found["name_core"] == 1 and found["other_script"] == 0


def test_registration_numbers_conflict_within_one_country_only() -> None:
    def numbers(country: str) -> float:
        left = {"name": "A", "registration_number": "0123", "country": "HK"}
        return compared(left, {"name": "A", "registration_number": "999", "country": country})["registration_number"]

    assert numbers("Hong Kong") == 0
    assert np.isnan(numbers("GB"))


def test_a_company_born_after_the_other_was_known_is_told() -> None:
    listed = {"name": "Victory Wave Holdings Limited", "known_since": dt.date(2010, 1, 13)}

    def late(born: dt.date) -> float:
        return compared({"name": "VICTORY WAVE LIMITED", "incorporation_date": born}, listed)["born_too_late"]

    assert late(dt.date(2010, 4, 23)) == 1
    assert late(dt.date(2007, 2, 1)) == 0


def test_addresses_agree_by_the_information_they_share() -> None:
    place = {"name": "A", "address": "Flat 2309, 23/F, Ho King Commercial Centre, Mongkok"}
    other = {"name": "A", "address": "Rm 1104 Crawford House, 70 Queens Road Central"}
    assert compared(place, {**place, "address": "FLAT 2309 23/F HO KING COMM CENTRE, MONGKOK"})["address"] > 0.6
    assert compared(place, other)["address"] < 0.2
    assert compared(place, place)["address"] == pytest.approx(1)


def test_every_comparison_has_a_meaning_and_words_for_every_value() -> None:
    assert len({c.name for c in COMPARISONS}) == len(COMPARISONS)
    for comparison in COMPARISONS:
        assert comparison.meaning.endswith(".")
        assert all(comparison.sentence(value) for value in (0.0, 0.3, 0.5, 0.7, 1.0, 20.0))


TEXTS = st.text(max_size=20) | st.sampled_from(["Alpha Ltd", "华为技术", "ООО Альфа", "1 2 3", "A" * 500, "ABC"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=3)), min_size=2, max_size=8))
def test_comparisons_are_symmetric_bounded_and_agree_with_themselves(rows: list[tuple[str, list[str]]]) -> None:
    table = {"record_id": [str(n) for n in range(len(rows))], "name": [row[0] for row in rows]}
    others = pa.array([row[1] for row in rows], pa.list_(pa.string()))
    prepared = prepare(pa.table({**table, "other_names": others}))
    left, right = np.triu_indices(len(rows), k=1)
    forth, back = compare(prepared, left, right), compare(prepared, right, left)
    np.testing.assert_allclose(forth[:, :3], back[:, :3], atol=1e-4)
    names = [c.name for c in COMPARISONS]
    shares = forth[:, [names.index(n) for n in ("name_core", "name_likeness", "name_letters")]]
    assert ((np.nan_to_num(shares) >= 0) & (np.nan_to_num(shares) <= 1)).all()
    alone = np.arange(len(rows), dtype=np.int32)
    own = compare(prepared, alone, alone)[:, 0]
    np.testing.assert_allclose(own[~np.isnan(own)], 1, atol=1e-5)
    # A pair is judged the same whatever other pairs are asked about.
    np.testing.assert_array_equal(compare(prepared, left[:1], right[:1])[0], forth[0])


def test_no_pairs_give_no_rows() -> None:
    prepared = prepare(pa.table({"record_id": ["a"], "name": ["Alpha"]}))
    nothing = np.zeros(0, np.int32)
    assert compare(prepared, nothing, nothing).shape == (0, len(COMPARISONS))
    assert len(name_likeness(prepared, nothing, nothing)[0]) == 0
