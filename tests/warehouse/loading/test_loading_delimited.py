"""Delimited files: every row is read with its physical line or set aside with a reason."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.loading.declaration import Table
from warehouse.loading.readers.chunk import BadRowWatch, ReadFailure, RejectedRow
from warehouse.loading.readers.delimited import LINE_LIMIT, read_delimited

Declare = Callable[..., Table]


def read(path: Path, table: Table) -> tuple[list[str], list[tuple[object, ...]], list[RejectedRow]]:
    """Columns, (line, *cells) and rejected rows of a whole file."""
    rows: list[tuple[object, ...]] = []
    rejected: list[RejectedRow] = []
    columns: list[str] = []
    for chunk in read_delimited(path, table):
        columns = [name for name in chunk.rows.column_names if name != "line"]
        rejected += chunk.rejected
        rows += [(row["line"], *(row[name] for name in columns)) for row in chunk.rows.to_pylist()]
    return columns, rows, rejected


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        return path

    return write


Written = Callable[[bytes], Path]


def test_a_row_is_known_by_the_physical_line_it_begins_on(written: Written, table: Declare) -> None:
    columns, rows, rejected = read(written(b'id,name\r\n1,"A\r\nB"\r\n\r\n2,C\r\n'), table())
    assert columns == ["id", "name"]
    assert rows == [(2, "1", "A\r\nB"), (5, "2", "C")]
    assert rejected == []


def test_a_truncated_last_row_is_quarantined(written: Written, table: Declare) -> None:
    _, rows, rejected = read(written(b"id,name,city\n1,A,X\n2,B"), table())
    assert rows == [(2, "1", "A", "X")]
    assert rejected == [RejectedRow(3, "expected 3 cells; found 2; the file may be cut short here", "2,B")]


def test_an_unclosed_quote_costs_one_row_and_not_the_rest_of_the_file(written: Written, table: Declare) -> None:
    body = b'1,"A\n' + b"".join(b"%d,N\n" % n for n in range(2, 700))
    _, rows, rejected = read(written(b"id,name\n" + body), table())
    assert [line for line, *_ in rows] == list(range(3, 701))
    assert [(row.line, row.raw_text) for row in rejected] == [(2, '1,"A')]


def test_an_unclosed_quote_in_the_last_row_says_the_file_may_be_cut(written: Written, table: Declare) -> None:
    _, rows, rejected = read(written(b'id,name\n1,A\n2,"B, Lim'), table())
    assert len(rows) == 1
    assert rejected[0].line == 3
    assert "cut short" in rejected[0].reason


def test_a_swallowed_row_is_read_again(written: Written, table: Declare) -> None:
    _, rows, rejected = read(written(b'id,name\n1,"A\n2,"B"\n3,C\n'), table())
    assert [row[1] for row in rows] == ["2", "3"]
    assert [row.line for row in rejected] == [2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"2,caf\xe9\n", "the line is not utf-8; byte 5"),
        (b"2,A\x00B\n", "the line holds a NUL byte"),
        (b"2," + b"x" * (LINE_LIMIT + 5) + b"\n", f"the line is longer than {LINE_LIMIT} bytes"),
        (b"2," + b"x" * 200_000 + b"\n", "field larger than field limit (131072)"),
    ],
)
def test_a_line_that_cannot_be_read_is_set_aside_alone(
    written: Written, table: Declare, line: bytes, reason: str
) -> None:
    _, rows, rejected = read(written(b"id,name\n1,A\n" + line + b"3,C\n"), table())
    assert rows == [(2, "1", "A"), (4, "3", "C")]
    assert [(row.line, row.reason) for row in rejected] == [(3, reason)]
    assert len(rejected[0].raw_text) <= 2000


def test_a_broken_line_inside_a_quoted_cell_takes_only_its_row(written: Written, table: Declare) -> None:
    _, rows, rejected = read(written(b'id,name\n1,"A\ncaf\xe9"\n2,B\n'), table())
    assert rows == [(4, "2", "B")]
    assert sorted(row.line or 0 for row in rejected) == [2, 3]


def test_a_dos_end_of_file_mark_ends_the_file_without_being_a_row(written: Written, table: Declare) -> None:
    _, rows, rejected = read(written(b"1,A\r\n\x1a"), table(columns=("id", "name")))
    assert rows == [(1, "1", "A")]
    assert rejected == []


def test_a_dos_end_of_file_mark_in_the_middle_is_reported(written: Written, table: Declare) -> None:
    _, rows, rejected = read(written(b"1,A\r\n\x1a\r\n2,B\r\n"), table(columns=("id", "name")))
    assert [row[1] for row in rows] == ["1", "2"]
    assert [row.line for row in rejected] == [2]


def test_header_names_lose_blanks_and_byte_order_mark_and_are_made_unique(written: Written, table: Declare) -> None:
    columns, _, _ = read(written("\ufeffName, Number,name,,line\n".encode()), table())
    assert columns == ["Name", "Number", "name__2", "unnamed_4", "line__2"]


def test_a_header_below_other_lines_is_found_by_its_row(written: Written, table: Declare) -> None:
    columns, rows, _ = read(written(b"Last Updated,27/04/2020\nid;name\n1;A\n"), table(header_row=2, delimiter=";"))
    assert columns == ["id", "name"]
    assert rows == [(3, "1", "A")]


def test_a_separator_of_several_characters_splits_a_line(written: Written, table: Declare) -> None:
    content = b"'id'~'name'\n'1'~'A,B'\n"
    columns, rows, _ = read(written(content), table(delimiter="'~'", quote="'"))
    assert columns == ["id", "name"]
    assert rows == [(2, "1", "A,B")]


def test_other_encodings_are_read_when_declared(written: Written, table: Declare) -> None:
    _, rows, _ = read(written("id,name\n1,Café\n".encode("cp1252")), table(encoding="cp1252"))
    assert rows == [(2, "1", "Café")]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\n  <!DOCTYPE html><html><body>Log in</body></html>", "an HTML page"),
        ("id,name\n1,A\n".encode("utf-16"), "byte order mark of utf-16"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PAR1....PAR1", "parquet"),
        (b"\x1f\x8b\x08\x00broken", "damaged or cut short"),
        (",".join(f"c{n}" for n in range(100_000)).encode() + b"\n1\n", "100000"),
        (b"x" * (LINE_LIMIT * 3), "a line that cannot be read"),
        (b"\x00" * 5000, "a line that cannot be read"),
    ],
)
def test_a_file_of_another_kind_fails_with_what_was_found(
    written: Written, table: Declare, content: bytes, found: str
) -> None:
    with pytest.raises(ReadFailure, match=r"(?s)expected .*" + found):
        read(written(content), table())


def test_too_many_bad_rows_fail_the_file_early_and_name_the_commonest_reason(written: Written, table: Declare) -> None:
    path = written(b"id,name\n" + b"1,A,B\n" * 100_000)
    watch = BadRowWatch(path.name, 0.01)
    with pytest.raises(ReadFailure, match="mostly: expected 2 cells"):
        for chunk in read_delimited(path, table()):
            watch.count(chunk)
    assert watch.read <= 20_000


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1a"), max_size=20)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells, cells), max_size=12))
def test_whatever_a_csv_writer_writes_is_read_back(
    tmp_path: Path, table: Declare, rows: list[tuple[str, str, str]]
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    path = tmp_path / "written.csv"
    path.write_bytes(text.getvalue().encode("utf-8"))
    _, found, rejected = read(path, table())
    assert rejected == []
    assert [row[1:] for row in found] == rows


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_but_never_crash(tmp_path: Path, table: Declare, content: bytes) -> None:
    path = tmp_path / "bytes.csv"
    path.write_bytes(content)
    try:
        columns, rows, rejected = read(path, table(columns=("a", "b")))
    except ReadFailure:
        return
    assert columns == ["a", "b"]
    lines = content.count(b"\n") + 1
    assert all(1 <= (row.line or 0) <= lines for row in rejected)
    assert len(rows) + len(rejected) <= lines
