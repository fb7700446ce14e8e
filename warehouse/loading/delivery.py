"""One delivery of one table into its raw table, or the reason why it cannot be used."""

from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse.landing.landed import Delivery, LandedFile
from warehouse.loading.declaration import Source, Table
from warehouse.loading.definition_check import ROW_KEY, fields_read, matches_any, placed_sections
from warehouse.loading.raw import RawFile, add_columns, load_raw, raw_table
from warehouse.loading.readers.chunk import ReadFailure
from warehouse.loading.row_checks import padded_columns, set_aside_rows


class LoadedTable(NamedTuple):
    """A delivery in its raw table."""

    delivery: Delivery
    files: dict[int, RawFile]  # by file id
    padded: frozenset[str]  # columns with blanks around some value


def load_delivery(
    con: duckdb.DuckDBPyConnection, source: Source, name: str, table: Table, delivery: Delivery, data_dir: Path
) -> LoadedTable:
    raw = raw_table(source.name, name)
    first_file = next_file_id(con)
    con.execute(f"drop table if exists {raw}")
    files: dict[int, RawFile] = {}
    try:
        for file_id, file in enumerate(delivery.files, start=first_file):
            _write_source_file(con, source, delivery, file_id, file, data_dir)
            files[file_id] = load_raw(con, raw, table, file.path, file_id)
        _complete_columns(con, source, name, table, files)
        padded = padded_columns(con, raw, used_fields(source, name))
        set_aside_rows(con, source, name, table, padded)
        (kept,) = con.execute(f"select count(*) from {raw}").fetchone() or (0,)
        if kept < table.rows.minimum:
            raise ReadFailure(
                f"expected at least {table.rows.minimum} rows of {name}; found {kept} good ones. The delivery may be "
                "cut short; if the source has really shrunk, lower rows.minimum in its definition"
            )
    except ReadFailure:
        con.execute(f"drop table if exists {raw}")
        con.execute("delete from meta.rejected_row where file_id >= $1", [first_file])
        con.execute("delete from meta.source_file where file_id >= $1", [first_file])
        raise
    return LoadedTable(delivery, files, padded)


def _write_source_file(
    con: duckdb.DuckDBPyConnection, source: Source, delivery: Delivery, file_id: int, file: LandedFile, data_dir: Path
) -> None:
    path = file.path.resolve()
    inside = path.is_relative_to(data_dir.resolve())
    con.execute(
        """
        insert into meta.source_file (file_id, source, source_table, address, path, sha256, byte_count, retrieved_at,
                                      licence, is_stale, stale_reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        [
            file_id,
            source.name,
            file.table,
            file.address,
            str(path.relative_to(data_dir.resolve())) if inside else str(path),
            file.sha256,
            file.byte_count,
            file.retrieved_at.replace(tzinfo=None),
            source.licence,
            delivery.stale_reason is not None,
            delivery.stale_reason,
        ],
    )


def _complete_columns(
    con: duckdb.DuckDBPyConnection, source: Source, name: str, table: Table, files: dict[int, RawFile]
) -> None:
    """Refuse files without the fields the mapping reads; give the raw table those that may be absent."""
    used = used_fields(source, name)
    for file in files.values():
        have = {column.lower() for column in file.columns}
        if table.format in ("json", "jsonl"):
            absent = [field for field in sorted(used) if field.lower() not in have and field in _keys(source, name)]
        else:
            absent = [
                field
                for field in sorted(used)
                if field.lower() not in have and not matches_any(field, table.optional_fields)
            ]
        if absent and file.row_count_read > file.row_count_rejected:
            raise ReadFailure(
                f"expected the fields {', '.join(map(repr, absent))} in table {name}; found "
                f"{', '.join(map(repr, file.columns[:60]))}. The publisher may have renamed them: put the definition "
                "right, or name them under optional_fields"
            )
    add_columns(con, raw_table(source.name, name), sorted(used))


def _keys(source: Source, table: str) -> set[str]:
    return {
        field
        for placed in placed_sections(source)
        if placed.table == table and placed.key != ROW_KEY
        for field in placed.key[:1]
    }


def used_fields(source: Source, table: str) -> set[str]:
    """The fields of a table that a mapping, correction or reject rule reads."""
    used = {field for placed in placed_sections(source) for where, field in fields_read(placed) if where == table}
    declared = source.tables[table]
    used |= {correction.field for correction in declared.corrections}
    return used | {reject.field for reject in declared.reject}


def next_file_id(con: duckdb.DuckDBPyConnection) -> int:
    """The id the next landed file gets in this build."""
    (last,) = con.execute("select coalesce(max(file_id), 0) from meta.source_file").fetchone() or (0,)
    return int(last) + 1
