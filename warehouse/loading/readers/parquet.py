"""Parquet: DuckDB reads it straight into the raw table; here only what makes a file unreadable is put into words."""

from pathlib import Path

import duckdb

from warehouse.connection import quote_identifier
from warehouse.loading.declaration import Table
from warehouse.loading.readers.chunk import COLUMN_LIMIT, ReadFailure, unique_names
from warehouse.loading.readers.content import looks_like

_MARK = b"PAR1"


def parquet_columns(con: duckdb.DuckDBPyConnection, path: Path, table: Table) -> dict[str, str]:
    """Published column name -> SQL that reads it as text, under the raw table's unique names.

    Raises:
        ReadFailure: the file is not Parquet, is cut short, or its footer is damaged.
    """
    _check_marks(path)
    try:
        described = con.execute("describe select * from read_parquet($path)", {"path": str(path)}).fetchall()
    except duckdb.Error as error:
        raise damaged(path, error) from error
    if len(described) > COLUMN_LIMIT:
        raise ReadFailure(f"expected at most {COLUMN_LIMIT} columns in {path.name}; found {len(described)}")
    names = [str(row[0]) for row in described]
    return {
        unique: _as_text(name, str(row[1]))
        for unique, name, row in zip(unique_names(names), names, described, strict=True)
    }


def damaged(path: Path, error: duckdb.Error) -> ReadFailure:
    """What to say when DuckDB cannot read the file."""
    first = str(error).splitlines()[0][:300]
    return ReadFailure(f"expected a readable parquet file; {path.name} is damaged: {first}. Pull the source again")


def _as_text(name: str, kind: str) -> str:
    column = quote_identifier(name)
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as varchar)"
    if kind == "BLOB":
        return f"try(decode({column}))"
    return f"cast({column} as varchar)"


def _check_marks(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(512)
        if size >= 8:
            file.seek(-4, 2)
        tail = file.read(4)
    if not head.startswith(_MARK):
        found = {"html": "an HTML page"}.get(looks_like(head) or "", looks_like(head) or "other content")
        found = "an empty file" if size == 0 else found
        raise ReadFailure(f"expected a parquet file; found {found} in {path.name}. Pull the source again")
    if tail != _MARK:
        raise ReadFailure(
            f"expected a whole parquet file; {path.name} ends without its footer, so it was cut short at {size} "
            "bytes. Pull the source again"
        )
