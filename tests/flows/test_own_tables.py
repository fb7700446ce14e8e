"""Reading and writing anybody's own files."""

import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from flows.own_tables import (
    TableError,
    company_records,
    parse_mapping,
    read_table,
    safe_for_spreadsheets,
    screened_records,
    write_table,
)
from resolution.schema import RECORDS


def csv(folder: Path, content: str | bytes) -> Path:
    path = folder / "own.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_rows_keep_their_order_and_numbers_where_no_ids_are_given(tmp_path: Path) -> None:
    path = csv(tmp_path, "name\n" + "\n".join(f"Company {n}" for n in range(1, 13)))
    records = company_records(read_table(path), {}, path)
    assert records.schema == RECORDS
    assert records["record_id"].to_pylist()[:2] == ["01", "02"]
    assert records["name"].to_pylist() == [f"Company {n}" for n in range(1, 13)]


def test_repeated_ids_are_replaced_by_row_numbers_so_that_no_row_is_lost(tmp_path: Path) -> None:
    path = csv(tmp_path, "record_id,name\na,X\na,Y\n")
    assert company_records(read_table(path), {}, path)["record_id"].to_pylist() == ["1", "2"]


def test_other_names_are_split_and_whole_dates_read(tmp_path: Path) -> None:
    path = csv(tmp_path, 'name,other_names,incorporation_date\nX,"A; B;C",2010-04-23\nY,,2010\nZ,D,23/04/2010\n')
    records = company_records(read_table(path), {}, path)
    assert records["other_names"].to_pylist() == [["A", "B", "C"], None, ["D"]]
    day = datetime.date(2010, 4, 23)
    assert records["incorporation_date"].to_pylist() == [day, None, day]


def test_quoted_cells_may_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    path = csv(tmp_path, 'name,city\n"Foo ""Bar"", Inc.\nDivision",Rome\n')
    assert read_table(path).to_pylist() == [{"name": 'Foo "Bar", Inc.\nDivision', "city": "Rome"}]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        ("name\nX\n".encode("utf-16"), "UTF-16"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"name\nFoo\xff\xfe Ltd\n", "utf-8"),
    ],
)
def test_a_file_that_is_no_table_is_a_clear_error(tmp_path: Path, content: bytes, told: str) -> None:
    path = csv(tmp_path, content)
    with pytest.raises(TableError, match=f"(?is){told}") as error:
        read_table(path)
    assert str(path) in str(error.value)


def test_a_missing_name_column_says_what_was_found_and_what_to_do(tmp_path: Path) -> None:
    path = csv(tmp_path, "firma,land\nX,DE\n")
    with pytest.raises(TableError, match=r"found columns firma, land\. Use --map name=COLUMN"):
        company_records(read_table(path), {}, path)


def test_mapped_columns_are_used(tmp_path: Path) -> None:
    path = csv(tmp_path, "firma,land\nX,DE\n")
    records = company_records(read_table(path), parse_mapping(["name=firma", "country=land"]), path)
    assert records.select(["name", "country"]).to_pylist() == [{"name": "X", "country": "DE"}]


@pytest.mark.parametrize("pair", ["name", "colour=x", "name="])
def test_a_wrong_mapping_is_refused(pair: str) -> None:
    with pytest.raises(TableError):
        parse_mapping([pair])


def test_names_are_searched_in_every_name_column() -> None:
    table = pa.table({"no": ["1", "2"], "en": ["Foo", None], "zh": ["福", "巴"]})
    records = screened_records(table, ["en", "zh"], "no", Path("x"))
    assert records["record_id"].to_pylist() == ["1", "2"]
    assert records["name"].to_pylist() == ["Foo", "巴"]
    assert records["other_names"].to_pylist() == [["福"], ["巴"]]


def test_an_id_column_with_repeats_is_refused() -> None:
    with pytest.raises(TableError, match="repeated"):
        screened_records(pa.table({"no": ["1", "1"], "name": ["a", "b"]}), ["name"], "no", Path("x"))


def test_cells_a_spreadsheet_would_run_are_quoted() -> None:
    cells = pa.chunked_array([['=HYPERLINK("x")', "+1", "Foo", "@x", None]])
    assert safe_for_spreadsheets(cells).to_pylist() == ['\'=HYPERLINK("x")', "'+1", "Foo", "'@x", None]


@pytest.mark.parametrize("name", ["answer's file.csv", "answer.parquet"])
def test_answers_are_written_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    path = tmp_path / "new folder" / name
    write_table(pa.table({"x": [1, 2]}), path)
    assert duckdb.read_csv(str(path)).fetchall() == [(1,), (2,)] if name.endswith("csv") else path.exists()
    assert [entry.name for entry in path.parent.iterdir()] == [name]
