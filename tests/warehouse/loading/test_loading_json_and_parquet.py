"""JSON and Parquet: flattened as published, and refused with one clear sentence when damaged."""

import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.loading.declaration import Table
from warehouse.loading.raw import load_raw
from warehouse.loading.readers import content as content_module
from warehouse.loading.readers.chunk import Chunk, ReadFailure, RejectedRow
from warehouse.loading.readers.delimited import read_delimited
from warehouse.loading.readers.json_records import read_json, read_json_lines
from warehouse.loading.schemas import create_schemas

Declare = Callable[..., Table]
Reader = Callable[[Path, Table], Iterator[Chunk]]


def read(reader: Reader, path: Path, table: Table) -> tuple[list[dict[str, object]], list[RejectedRow]]:
    rows: list[dict[str, object]] = []
    rejected: list[RejectedRow] = []
    for chunk in reader(path, table):
        rows += chunk.rows.to_pylist()
        rejected += chunk.rejected
    return rows, rejected


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def test_a_record_is_flattened_and_its_lists_are_kept_whole(tmp_path: Path, table: Declare) -> None:
    record = '{"a": {"$": "X", "n": 1.50}, "many": [{"$": "1"}], "one": {"$": "2"}, "no": null, "yes": true}'
    content = f'{{"meta": {{"records": 3}}, "data": {{"records": [{record}]}}}}'.encode()
    declared = table(format="json", record_path=("data", "records"), lists=("many", "one"))
    rows, rejected = read(read_json, written(tmp_path, content), declared)
    assert rejected == []
    assert rows == [
        {"a.$": "X", "a.n": "1.50", "many": '[{"$": "1"}]', "one": '[{"$": "2"}]', "yes": "true", "line": 1}
    ]


def test_a_document_larger_than_the_window_is_read_record_by_record(tmp_path: Path, table: Declare) -> None:
    records = [{"id": str(n), "text": "x" * 3000} for n in range(1500)]
    path = written(tmp_path, json.dumps({"skipped": ["]"] * 1000, "records": records}).encode())
    rows, _ = read(read_json, path, table(format="json", record_path=("records",)))
    assert [row["id"] for row in rows] == [str(n) for n in range(1500)]
    assert rows[-1]["line"] == 1500


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"<html><body>moved</body></html>", "an HTML page"),
        (b'{"records": [{"a": 1}, {"a": 2', "cut short"),
        (b'{"records": [{"a": 1}, {"a": 2}]', "the end of the file"),
        (b'{"records": [{"a": 1}', "the end of the file"),
        (b'{"records": [{"a": 1} {"a": 2}]}', "after record 1"),
        (b'{"records": {"a": 1}}', "where record_path"),
        (b'{"rows": []}', "expected a member 'records'"),
        (b'[{"a": 1}]', "around member 'records'"),
        (b"not json at all", "around member 'records'"),
        ('{"records": []}'.encode("utf-16"), "byte order mark"),
        (b'{"records": [' + b"[" * 200_000, "nested too deep"),
        ('{"records": [{"a": "Café"}]}'.encode("latin-1"), "expected utf-8 .* found bytes that are none"),
        ('{"records": [{"a": "X"}]}'.encode("utf-16-le"), "expected a member 'records'"),
    ],
)
def test_a_damaged_document_fails_with_what_was_found(
    tmp_path: Path, table: Declare, content: bytes, found: str
) -> None:
    with pytest.raises(ReadFailure, match=found):
        read(read_json, written(tmp_path, content), table(format="json", record_path=("records",)))


def test_records_that_are_not_objects_or_hold_nul_are_set_aside(tmp_path: Path, table: Declare) -> None:
    path = written(tmp_path, b'[{"a": "1"}, 7, {"a": "x\\u0000y"}, {"a": "2"}]')
    rows, rejected = read(read_json, path, table(format="json"))
    assert [(row["line"], row["a"]) for row in rows] == [(1, "1"), (4, "2")]
    assert [(row.line, row.reason) for row in rejected] == [
        (2, "expected a JSON object; found str"),
        (3, "the record holds a NUL character"),
    ]


def test_a_broken_json_line_is_set_aside_with_its_physical_line(tmp_path: Path, table: Declare) -> None:
    path = written(tmp_path, b'\xef\xbb\xbf{"a": "1"}\n\n{"a": \n{"a": "3"}\n{"a": "\xff"}\n')
    rows, rejected = read(read_json_lines, path, table(format="jsonl"))
    assert [(row["line"], row["a"]) for row in rows] == [(1, "1"), (4, "3")]
    assert [row.line for row in rejected] == [3, 5]


def test_free_form_objects_do_not_grow_columns_without_bound(tmp_path: Path, table: Declare) -> None:
    path = written(tmp_path, json.dumps([{f"key {n}": "v"} for n in range(3000)]).encode())
    with pytest.raises(ReadFailure, match="more than 2000 different fields"):
        read(read_json, path, table(format="json"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(json_values, max_size=5), st.integers(0, 200))
def test_any_document_cut_anywhere_is_read_or_refused(
    tmp_path: Path, table: Declare, values: list[object], keep: int
) -> None:
    whole = json.dumps({"records": values}).encode()
    path = written(tmp_path, whole[:keep])
    try:
        rows, rejected = read(read_json, path, table(format="json", record_path=("records",)))
    except ReadFailure:
        assert keep < len(whole)
        return
    assert keep >= len(whole)
    assert len(rows) + len(rejected) == len(values)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    create_schemas(con)
    con.execute("set preserve_insertion_order = false")
    return con


def parquet(folder: Path, **columns: pa.Array) -> Path:
    path = folder / "file.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return path


def test_parquet_columns_become_text_and_rows_keep_their_number(
    tmp_path: Path, table: Declare, con: duckdb.DuckDBPyConnection
) -> None:
    path = parquet(tmp_path, id=pa.array([1, 2, 3]), line=pa.array(["a", None, "c"]), tags=pa.array([["x"], [], None]))
    loaded = load_raw(con, "raw.t", table(format="parquet"), path, 7)
    assert loaded == (("id", "line__2", "tags"), 3, 0)
    assert con.execute("select * from raw.t order by line").fetchall() == [
        (7, 1, "1", "a", '["x"]'),
        (7, 2, "2", None, "[]"),
        (7, 3, "3", "c", None),
    ]


def test_parquet_rows_with_nul_are_set_aside(tmp_path: Path, table: Declare, con: duckdb.DuckDBPyConnection) -> None:
    path = parquet(tmp_path, id=pa.array(["1", "2\x00"]))
    assert load_raw(con, "raw.t", table(format="parquet"), path, 1).row_count_rejected == 1
    assert con.execute("select line, reason from meta.rejected_row").fetchall() == [
        (2, "the row holds a NUL character")
    ]


@pytest.mark.parametrize("damage", ["empty", "html", "cut", "footer", "body", "other"])
def test_a_damaged_parquet_file_fails_with_one_sentence(
    tmp_path: Path, table: Declare, con: duckdb.DuckDBPyConnection, damage: str
) -> None:
    path = parquet(tmp_path, id=pa.array([str(n) for n in range(1000)]))
    whole = path.read_bytes()
    content = {
        "empty": b"",
        "html": b"<html>sign in</html>",
        "cut": whole[: len(whole) // 2],
        "footer": whole[:-8] + b"\xff\xff\xff\x7fPAR1",
        "body": b"PAR1" + b"\xff" * 500 + whole[504:],
        "other": b"id\n1\n",
    }[damage]
    path.write_bytes(content)
    with pytest.raises(ReadFailure, match=r"expected a .*parquet file"):
        load_raw(con, "raw.t", table(format="parquet"), path, 1)


def zipped(*members: tuple[str, bytes]) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return stored.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lambda body: zipped(("a.csv", body), ("b.txt", b"x"))])
def test_packed_files_are_told_by_their_first_bytes(
    tmp_path: Path, table: Declare, pack: Callable[[bytes], bytes]
) -> None:
    path = written(tmp_path, pack(b"id\n1\n"))
    rows, _ = read(read_delimited, path, table(member="*.csv"))
    assert [row["id"] for row in rows] == ["1"]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_packed_file_cut_short_fails(tmp_path: Path, table: Declare, pack: Callable[[bytes], bytes]) -> None:
    body = b"id\n" + b"".join(b"%d\n" % (n * 7919 % 100_003) for n in range(50_000))
    with pytest.raises(ReadFailure, match="damaged or cut short"):
        read(read_delimited, written(tmp_path, pack(body)[:-2000]), table())


def test_a_zip_with_several_files_asks_which(tmp_path: Path, table: Declare) -> None:
    with pytest.raises(ReadFailure, match="found 2 among 2"):
        read(read_delimited, written(tmp_path, zipped(("a.csv", b"id\n"), ("b.csv", b"id\n"))), table())


def test_a_file_that_unpacks_to_far_more_than_it_stores_is_refused(
    tmp_path: Path, table: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_module, "_RATIO_FREE", 2**14)
    path = written(tmp_path, gzip.compress(b"id\n" + b"1\n" * 400_000))
    with pytest.raises(ReadFailure, match="unpacks to far more"):
        read(read_delimited, path, table())


def test_packing_other_than_declared_is_refused(tmp_path: Path, table: Declare) -> None:
    with pytest.raises(ReadFailure, match=r"expected gzip-compressed csv .* found plain text"):
        read(read_delimited, written(tmp_path, b"id\n1\n"), table(compression="gz"))
