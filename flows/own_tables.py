"""Anybody's own CSV or Parquet files: reading them as company records, writing answers beside them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from resolution.schema import RECORDS

FIELDS = (
    "record_id name country address city postcode registration_number lei phone email website "
    "other_names incorporation_date source"
).split()
"""Fields of a company record that a file may carry, under these names or given by ``--map field=column``."""


PARQUET = {".parquet", ".pq"}


class TableError(ValueError):
    """A file that cannot be used; the message says what was expected, what was found, and what to do."""


def read_table(path: Path) -> pa.Table:
    """Read a CSV (any delimiter) or Parquet file; every CSV column as text, rows in file order.

    Raises TableError when the file is missing, empty, not UTF-8 or not what its name says.
    """
    if not path.is_file():
        raise TableError(f"expected a file at {path}; there is none")
    if path.stat().st_size == 0:
        raise TableError(f"{path}: expected a table with a header row; the file is empty")
    connection = duckdb.connect()
    try:
        if path.suffix.lower() in PARQUET:
            return connection.read_parquet(str(path)).to_arrow_table()
        with path.open("rb") as file:
            head = file.read(512)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise TableError(f"{path}: expected UTF-8; found UTF-16. Save it as CSV in UTF-8.")
        if re.match(rb"\s*(<!doctype html|<html)", head, re.I):
            raise TableError(f"{path}: expected a CSV table; found an HTML page. Download the data itself.")
        return connection.execute(
            "from read_csv($path, all_varchar = true, header = true, null_padding = true, sample_size = -1,"
            """ quote = '"', escape = '"', max_line_size = 8388608)""",
            {"path": str(path)},
        ).to_arrow_table()
    except duckdb.Error as error:
        told = str(error).split("\n\n")[0].splitlines()
        raise TableError(f"{path}: cannot be read as a table. {' '.join(told[:4])}") from error
    finally:
        connection.close()


def parse_mapping(pairs: Sequence[str], *, sides: bool = False) -> dict[str, str]:
    """``["country=land"]`` to ``{"country": "land"}``; with ``sides`` the fields end in ``_l`` or ``_r``.

    Raises TableError on an unknown field.
    """
    known = [f"{field}{side}" for field in FIELDS for side in ("_l", "_r")] if sides else FIELDS
    mapping = {}
    for pair in pairs:
        name, separator, column = pair.partition("=")
        if not separator or not column:
            raise TableError(f"--map {pair}: expected field=column")
        if name not in known:
            raise TableError(f"--map {pair}: unknown field {name!r}; expected one of {', '.join(known)}")
        mapping[name] = column
    return mapping


def company_records(table: pa.Table, mapping: Mapping[str, str], path: Path) -> pa.Table:
    """The rows of ``table`` in the shape of resolution.schema.RECORDS, one per row, in the same order.

    The record id is the given one where it is unique and filled in, else the row number from 1.
    Raises TableError when there is no name column or a mapped column is missing.
    """
    columns = {name: mapping.get(name, name) for name in FIELDS}
    missing = [f"{name}={columns[name]}" for name in mapping if columns[name] not in table.column_names]
    if missing or columns["name"] not in table.column_names:
        wanted = ", ".join(missing) if missing else "a column 'name'"
        found = ", ".join(table.column_names[:20])
        raise TableError(f"{path}: expected {wanted}; found columns {found}. Use --map name=COLUMN.")
    text = {
        name: pc.cast(table[column], pa.string()) if column in table.column_names else None
        for name, column in columns.items()
    }
    fields: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in RECORDS.names:
        kind = RECORDS.field(name).type
        values = text.get(name)
        if name == "record_id":
            fields[name] = row_ids(values, table.num_rows)
        elif values is None:
            fields[name] = pa.nulls(table.num_rows, kind)
        elif name == "other_names":
            fields[name] = split_names(values)
        elif pa.types.is_date(kind):
            fields[name] = dates(values)
        else:
            fields[name] = values
    return pa.table(fields, schema=RECORDS)


def screened_records(table: pa.Table, name_columns: Sequence[str], id_column: str | None, path: Path) -> pa.Table:
    """The companies to search in, in the shape of RECORDS: the first filled name column is the name, others follow.

    Raises TableError when a column is missing or the id column is not unique.
    """
    wanted = [*name_columns, *([id_column] if id_column else [])]
    missing = [column for column in wanted if column not in table.column_names]
    if missing:
        found = ", ".join(table.column_names[:20])
        raise TableError(f"{path}: expected columns {', '.join(missing)}; found {found}")
    names = [pc.cast(table[column], pa.string()) for column in name_columns]
    mapping = {"record_id": id_column} if id_column else {}
    plain = table.drop_columns([c for c in ("name", "other_names") if c in table.column_names])
    records = company_records(plain.append_column("name", pc.coalesce(*names)), mapping, path)
    if id_column and not records["record_id"].equals(pc.cast(table[id_column], pa.string())):
        raise TableError(f"{path}: expected every {id_column} filled in and once; some are missing or repeated")
    if len(names) > 1:
        place = records.column_names.index("other_names")
        records = records.set_column(place, "other_names", gathered_names(names[1:]))
    return records


def gathered_names(columns: Sequence[pa.ChunkedArray]) -> pa.Array:
    """The filled cells of several columns as one list per row, cells with several names split at ``;``."""
    connection = duckdb.connect()
    connection.register("given", pa.table({f"name_{n}": column for n, column in enumerate(columns)}))
    cells = ", ".join(f"name_{n}" for n in range(len(columns)))
    return (
        connection.execute(
            f"select list_filter(regexp_split_to_array(concat_ws(';', {cells}), '\\s*;\\s*'), x -> x <> '') from given"
        )
        .to_arrow_table()
        .column(0)
        .combine_chunks()
    )


def row_ids(given: pa.ChunkedArray | None, count: int) -> pa.Array:
    """Given ids where all are filled in and distinct, else row numbers: every row needs an id of its own."""
    if given is not None and given.null_count == 0 and pc.count_distinct(given).as_py() == count:
        return given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
    width = len(str(count))
    return pa.array([f"{number:0{width}d}" for number in range(1, count + 1)], pa.string())


def split_names(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.split_pattern_regex(pc.utf8_trim_whitespace(values), r"\s*;\s*")


def dates(values: pa.ChunkedArray) -> pa.Array:
    """Whole dates as 2024-05-01, 01/05/2024 (day first), 01.05.2024 or 01-MAY-2024; anything else becomes null.

    A year or a month alone is null too: taken for its first day it would contradict the true date.
    """
    connection = duckdb.connect()
    connection.register("given", pa.table({"value": values}))
    return (
        connection.execute(
            """
            select coalesce(
                try_cast(left(value, 10) as date),
                try_strptime(value, ['%d/%m/%Y', '%d.%m.%Y', '%d-%b-%Y'])::date
            ) as day from given
            """
        )
        .to_arrow_table()["day"]
        .combine_chunks()
    )


def write_table(table: pa.Table, path: Path) -> None:
    """Write CSV, or Parquet where the name ends so; through a temporary name, so that no half file is left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    connection = duckdb.connect()
    connection.register("answer", table)
    try:
        answer = connection.table("answer")
        if path.suffix.lower() in PARQUET:
            answer.write_parquet(str(temporary), compression="zstd")
        else:
            answer.write_csv(str(temporary), header=True)
    except duckdb.Error as error:
        temporary.unlink(missing_ok=True)
        raise TableError(f"{path}: cannot be written. {error}") from error
    finally:
        connection.close()
    temporary.replace(path)


FORMULA = r"^([=+\-@\t\r])"


def safe_for_spreadsheets(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """A quote before cells that a spreadsheet would run as a formula. Names come from strangers."""
    return pc.replace_substring_regex(values, FORMULA, r"'\1")
