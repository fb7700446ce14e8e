"""Raw tables: every column as text, as published, with the landed file and the line it came from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from warehouse.connection import quote_identifier
from warehouse.loading.declaration import Table
from warehouse.loading.readers.chunk import BadRowWatch, Chunk, ReadFailure, RejectedRow
from warehouse.loading.readers.delimited import read_delimited
from warehouse.loading.readers.json_records import read_json, read_json_lines
from warehouse.loading.readers.parquet import damaged, parquet_columns

_REJECTED_SCHEMA = pa.schema(
    [("file_id", pa.int32()), ("line", pa.int64()), ("reason", pa.string()), ("raw_text", pa.string())]
)


class RawFile(NamedTuple):
    """What one landed file brought: its columns, rows read, and rows the reader set aside."""

    columns: tuple[str, ...]
    row_count_read: int
    row_count_rejected: int


def raw_table(source: str, table: str) -> str:
    """The quoted name of a raw table: ``raw."us_ofac_sdn__alt"``."""
    return f"raw.{quote_identifier(f'{source}__{table}')}"


def load_raw(con: duckdb.DuckDBPyConnection, name: str, table: Table, path: Path, file_id: int) -> RawFile:
    """Append one landed file to the raw table ``name``, which is created if need be.

    Rejected rows go to ``meta.rejected_row``. Raises ``ReadFailure`` if the file cannot be used; what was
    appended until then is left for the caller to drop.
    """
    con.execute(f"create table if not exists {name} (file_id integer not null, line bigint not null)")
    if table.format == "parquet":
        return _load_parquet(con, name, table, path, file_id)
    watch = BadRowWatch(path.name, table.bad_row_share)
    columns: dict[str, None] = {}
    for chunk in _chunks(path, table):
        watch.count(chunk)
        new = [column for column in chunk.rows.column_names if column != "line" and column not in columns]
        columns.update(dict.fromkeys(new))
        add_columns(con, name, new)
        _append(con, name, chunk.rows, file_id)
        reject_rows(con, file_id, chunk.rejected)
    return RawFile(tuple(columns), watch.read, watch.rejected)


def add_columns(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> None:
    """Give the raw table the text columns it does not have yet."""
    for column in columns:
        con.execute(f"alter table {name} add column if not exists {quote_identifier(column)} varchar")


def reject_rows(con: duckdb.DuckDBPyConnection, file_id: int, rejected: Sequence[RejectedRow]) -> None:
    """Write rejected rows to ``meta.rejected_row``."""
    if not rejected:
        return
    rows = [{"file_id": file_id, **row._asdict()} for row in rejected]
    con.register("rejected_chunk", pa.Table.from_pylist(rows, schema=_REJECTED_SCHEMA))
    con.execute("insert into meta.rejected_row select file_id, line, reason, raw_text from rejected_chunk")
    con.unregister("rejected_chunk")


def _chunks(path: Path, table: Table) -> Iterator[Chunk]:
    if table.format == "csv":
        return read_delimited(path, table)
    return read_json_lines(path, table) if table.format == "jsonl" else read_json(path, table)


def _append(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table, file_id: int) -> None:
    columns = ", ".join(quote_identifier(column) for column in rows.column_names)
    con.register("raw_chunk", rows)
    statement = f"insert into {name} (file_id, {columns}) select $file_id, {columns} from raw_chunk"
    con.execute(statement, {"file_id": file_id})
    con.unregister("raw_chunk")


def _load_parquet(con: duckdb.DuckDBPyConnection, name: str, table: Table, path: Path, file_id: int) -> RawFile:
    columns = parquet_columns(con, path, table)
    add_columns(con, name, list(columns))
    names = ", ".join(quote_identifier(column) for column in columns)
    try:
        con.execute(
            f"insert into {name} (file_id, line, {names}) select $file_id, file_row_number + 1, "
            f"{', '.join(columns.values())} from read_parquet($path, file_row_number = true)",
            {"file_id": file_id, "path": str(path)},
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise damaged(path, error) from error
    (count,) = con.execute(f"select count(*) from {name} where file_id = $1", [file_id]).fetchone() or (0,)
    nul = " or ".join(f"contains({quote_identifier(column)}, chr(0))" for column in columns) or "false"
    rejected = set_aside(con, name, f"file_id = {int(file_id)} and ({nul})", {}, "the row holds a NUL character")
    if rejected > max(10, table.bad_row_share * count):
        raise ReadFailure(f"expected text in {path.name}; {rejected} of {count} rows hold NUL characters")
    return RawFile(tuple(columns), count, rejected)


def set_aside(
    con: duckdb.DuckDBPyConnection, name: str, condition: str, parameters: dict[str, object], reason: str
) -> int:
    """Move the raw rows that meet a condition (SQL over the table ``t``) to ``meta.rejected_row``; how many."""
    found = con.execute(f"select count(*) from {name} t where {condition}", parameters).fetchone()
    count = int(found[0]) if found else 0
    if count:
        con.execute(
            f"""
            insert into meta.rejected_row
            select file_id, line, $reason, left(replace(cast(to_json(t) as varchar), chr(0), ''), 2000)
            from {name} t where {condition}
            """,
            parameters | {"reason": reason},
        )
        con.execute(f"delete from {name} t where {condition}", parameters)
    return count
