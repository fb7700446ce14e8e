"""How the fields of two records are set against each other."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from resolution.schema import RECORDS
from review.pairs import ShownPair, ShownRecord, read_pairs
from review.side_by_side import FieldRow, field_rows, reasons
from warehouse.connection import open_release


def shown(**fields: object) -> ShownRecord:
    values = dict.fromkeys(RECORDS.names) | {"record_id": "x:1", "source": "x", "name": "Acme"} | fields
    names = [(str(values["name"]), "primary")]
    return ShownRecord(values, "X", names, [], [], [], None, [], 0)


def rows_of(left: ShownRecord, right: ShownRecord) -> dict[str, FieldRow]:
    return {row.field: row for row in field_rows(ShownPair(left, right, 0.5, "same script", [], "", "run"))}


def words(row: FieldRow) -> list[str]:
    return ["".join(segment.text for segment in value.segments) for value in (*row.left, *row.right)]


@pytest.mark.parametrize(
    ("field", "left", "right", "verdict"),
    [
        ("country", "HK", "Hong Kong", "agrees"),
        ("country", "RU", "KZ", "differs"),
        ("phone", "+852 2314 8778", "(852) 23148778", "agrees"),
        ("phone", "23148778", "23148779", "differs"),
        ("website", "https://www.Acme.com/en", "acme.com", "agrees"),
        ("email", "Info@Acme.com", "info@acme.com", "agrees"),
        ("registration_number", "0012-34", "1234", "agrees"),
        ("registration_number", "1234", "1235", "differs"),
        ("incorporation_date", "2010-01-01", "2011-01-01", "differs"),
        ("lei", "5493001KJTIIGC8Y1R12", None, ""),
    ],
)
def test_a_field_agrees_or_differs_as_a_whole(field: str, left: str, right: str | None, verdict: str) -> None:
    assert rows_of(shown(**{field: left}), shown(**{field: right}))[field].verdict == verdict


def test_numbers_of_two_countries_registers_are_not_compared() -> None:
    row = rows_of(shown(registration_number="1", country="HK"), shown(registration_number="2", country="GB"))
    assert row["registration_number"].verdict == "not comparable"


def test_a_company_formed_after_the_other_was_known_is_said_to_be() -> None:
    row = rows_of(shown(known_since="2010-01-13"), shown(incorporation_date="2010-04-23"))["incorporation_date"]
    assert row.verdict == "differs"
    assert words(row) == ["2010-04-23", "100 days after the other was already known"]


def test_names_in_different_scripts_are_not_comparable_but_can_be_read() -> None:
    row = rows_of(shown(name="ООО Ромашка"), shown(name="Romashka LLC"))["name"]
    assert row.verdict == "not comparable"
    assert "".join(segment.text for segment in row.left[0].reading) == "OOO Romaska"
    assert row.right[0].reading == ()


def test_fields_nobody_states_are_left_out() -> None:
    assert list(rows_of(shown(), shown())) == ["name"]


def test_the_models_reasons_are_told_apart_with_their_bits() -> None:
    found = reasons("names are alike (+4); formed after the other was known (-9); a gate (x)")
    assert [reason.bits for reason in found] == [4, -9, None]
    assert ["".join(part.text for part in reason.segments) for reason in found] == [
        "names are alike", "formed after the other was known", "a gate (x)",
    ]  # fmt: skip
    assert reasons("") == []


@pytest.fixture
def release(data_dir: Path) -> duckdb.DuckDBPyConnection:
    return open_release(data_dir)


def test_a_pair_is_read_with_names_listings_and_neighbours(release: duckdb.DuckDBPyConnection) -> None:
    ids = ("bis_entity_list:vw-1", "hk_register:1106906")
    (pair,) = read_pairs(release, [ids], "run-1")
    assert pair.left.names == [("Victory Wave Holdings Limited", "primary"), ("榮滔控股有限公司", "alias")]
    assert pair.left.source_title == "BIS Entity List"
    assert pair.left.listings == ["Entity List · listed 2010-01-13"]
    assert pair.left.neighbours == ["榮滔控股有限公司 (hk_register)"]
    assert pair.in_one_cluster
    assert pair.left.fields["known_since"] == "2010-01-13"
    assert list(pair.left.fields) == RECORDS.names


def test_a_pair_the_release_does_not_hold_is_left_out(release: duckdb.DuckDBPyConnection) -> None:
    assert read_pairs(release, [("a_list:1", "zz:1"), ("bis_entity_list:vw-1", "a_list:1")], "run-1") == []


def test_the_evidence_hash_moves_with_anything_shown(release: duckdb.DuckDBPyConnection) -> None:
    ids = ("a_list:1", "b_list:1")
    (pair,) = read_pairs(release, [ids], "run-1")
    assert replace(pair).evidence_hash == pair.evidence_hash
    assert replace(pair, why="other").evidence_hash != pair.evidence_hash
    assert replace(pair, left=pair.right).evidence_hash != pair.evidence_hash
