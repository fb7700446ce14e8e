"""Load one source: its landed files into raw tables, and what its mapping makes of them into staging."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse.connection import quote_identifier
from warehouse.landing.landed import Delivery, PullResult
from warehouse.loading.countries import create_country_table
from warehouse.loading.declaration import Record, Shipment, Source, Table
from warehouse.loading.definition_check import ROW_KEY, fields_read, matches_any, placed_sections
from warehouse.loading.expression import BLANKS, Scope, Statement
from warehouse.loading.raw import RawFile, add_columns, load_raw, raw_table, set_aside
from warehouse.loading.readers.chunk import ReadFailure
from warehouse.loading.record_mapping import map_records
from warehouse.loading.shipment_mapping import map_shipments

STAGING_TABLES = (
    "company_record", "record_name", "record_address", "record_identifier", "listing", "shipment", "shipment_party",
    "shipment_goods",
)


class SourceFailure(Exception):  # noqa: N818 - one source of many; the run decides what it means
    """A source could not be loaded from any landed delivery. Nothing of it is left in the build."""

    def __init__(self, source: str, reasons: list[str]) -> None:
        self.source = source
        self.reasons = reasons
        super().__init__(f"source {source} could not be loaded: " + " | ".join(reasons))


@dataclass(frozen=True)
class TableReport:
    """What became of one table: rows read = kept + quarantined."""

    table: str
    row_count_read: int
    row_count_kept: int
    row_count_quarantined: int
    unused_fields: tuple[str, ...]
    stale_reason: str | None


@dataclass
class LoadReport:
    """What became of one source."""

    source: str
    tables: list[TableReport] = field(default_factory=list)
    staged: dict[str, int] = field(default_factory=dict)  # staging table -> rows of this source
    warnings: list[str] = field(default_factory=list)

    @property
    def row_count_read(self) -> int:
        """Rows read from every file of the source."""
        return sum(table.row_count_read for table in self.tables)

    @property
    def row_count_quarantined(self) -> int:
        """Rows set aside, of every file of the source."""
        return sum(table.row_count_quarantined for table in self.tables)


class _Loaded(NamedTuple):
    """A delivery in its raw table."""

    delivery: Delivery
    files: dict[int, RawFile]  # by file id
    padded: frozenset[str]  # columns with blanks around some value


def load_source(
    con: duckdb.DuckDBPyConnection, source: Source, pulled: PullResult, data_dir: Path
) -> LoadReport:
    """Fill ``raw``, ``staging`` and ``meta`` from what was landed of a source.

    For each table the newest landed delivery is tried first; one that cannot be read, or breaks the bounds of its
    definition, is passed over for the one before it and the reason is kept (``meta.source_file.stale_reason``).

    Args:
        con: a build on which ``create_schemas`` has been called; no transaction may be open.
        source: the definition.
        pulled: what ``pull`` answered.
        data_dir: landed paths are stored relative to it.

    Raises:
        SourceFailure: a table that is not optional has no delivery that can be loaded. The build holds nothing of
            the source then.
    """
    report = LoadReport(source.name)
    first_file = _next_file_id(con)
    _write_source(con, source)
    create_country_table(con)
    try:
        present = {
            name: loaded
            for name, table in source.tables.items()
            if (loaded := _load_table(con, source, name, table, pulled, data_dir, report)) is not None
        }
        if not present:
            raise SourceFailure(source.name, ["none of its tables has been landed"])
        padded = {name: loaded.padded for name, loaded in present.items()}
        map_records(con, source, padded)
        map_shipments(con, source, padded)
    except SourceFailure:
        _forget(con, source, first_file)
        raise
    for name, loaded in present.items():
        report.tables.append(_write_counts(con, source, name, loaded))
    report.staged = _staged(con, first_file)
    return report


def _write_source(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    con.execute(
        "insert or replace into meta.source values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            source.name, source.title, source.publisher, source.licence, source.homepage, source.schedule,
            source.is_register, source.is_synthetic, source.is_required, source.definition_sha256,
        ],
    )


def _load_table(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    name: str,
    table: Table,
    pulled: PullResult,
    data_dir: Path,
    report: LoadReport,
) -> _Loaded | None:
    """Load the newest delivery that can be; ``None``: an optional table without any."""
    reasons = [f"{failure.table}: {failure.reason}" for failure in pulled.failures if failure.table == name]
    for delivery in pulled.deliveries.get(name, ()):
        try:
            loaded = _load_delivery(con, source, name, table, delivery, data_dir)
        except ReadFailure as error:
            reasons.append(f"{name} of {delivery.retrieved_at:%Y-%m-%d}: {error}")
            continue
        if reasons:
            _mark_stale(con, loaded, " | ".join(reasons))
            report.warnings.append(f"{source.name}: an earlier delivery was used; " + " | ".join(reasons))
        report.warnings += _size_warnings(source, name, table, loaded)
        return loaded
    if table.is_optional and not pulled.deliveries.get(name):
        report.warnings += [f"{source.name}: {reason}" for reason in reasons]
        return None
    raise SourceFailure(source.name, reasons or [f"{name}: nothing has been landed; pull the source first"])


def _load_delivery(
    con: duckdb.DuckDBPyConnection, source: Source, name: str, table: Table, delivery: Delivery, data_dir: Path
) -> _Loaded:
    raw = raw_table(source.name, name)
    first_file = _next_file_id(con)
    con.execute(f"drop table if exists {raw}")
    files: dict[int, RawFile] = {}
    try:
        for file_id, file in enumerate(delivery.files, start=first_file):
            _write_source_file(con, source, delivery, file_id, file, data_dir)
            files[file_id] = load_raw(con, raw, table, file.path, file_id)
        _complete_columns(con, source, name, table, files)
        padded = _padded_columns(con, raw, used_fields(source, name))
        _set_aside_rows(con, source, name, table, padded)
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
    return _Loaded(delivery, files, padded)


def _write_source_file(
    con: duckdb.DuckDBPyConnection, source: Source, delivery: Delivery, file_id: int, file: object, data_dir: Path
) -> None:
    from warehouse.landing.landed import LandedFile

    assert isinstance(file, LandedFile)
    path = file.path.resolve()
    inside = path.is_relative_to(data_dir.resolve())
    con.execute(
        """
        insert into meta.source_file (file_id, source, source_table, address, path, sha256, byte_count, retrieved_at,
                                      licence, is_stale, stale_reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        [
            file_id, source.name, file.table, file.address,
            str(path.relative_to(data_dir.resolve())) if inside else str(path),
            file.sha256, file.byte_count, file.retrieved_at.replace(tzinfo=None), source.licence,
            delivery.stale_reason is not None, delivery.stale_reason,
        ],
    )


def _mark_stale(con: duckdb.DuckDBPyConnection, loaded: _Loaded, reason: str) -> None:
    for file_id in loaded.files:
        con.execute(
            "update meta.source_file set is_stale = true, stale_reason = $1 where file_id = $2", [reason, file_id]
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


def _padded_columns(con: duckdb.DuckDBPyConnection, raw: str, used: set[str]) -> frozenset[str]:
    """The columns with blanks around some value: looking once is cheaper than trimming in every statement."""
    names = sorted(used)
    if not names:
        return frozenset()
    tests = ", ".join(
        f"coalesce(bool_or(regexp_matches({quote_identifier(name)}, $padded)), false)" for name in names
    )
    found = con.execute(f"select {tests} from {raw}", {"padded": f"^[{BLANKS}]|[{BLANKS}]$"}).fetchone() or ()
    return frozenset(name for name, is_padded in zip(names, found, strict=True) if is_padded)


def _set_aside_rows(
    con: duckdb.DuckDBPyConnection, source: Source, name: str, table: Table, padded: frozenset[str]
) -> None:
    """Quarantine rows that cannot mean what they say, that have no key, or that repeat a key that names one row."""
    raw = raw_table(source.name, name)
    for reject in table.reject:
        statement = Statement()
        scope = Scope(statement, table.nulls, padded)
        test = f"regexp_matches({scope.field(reject.field, None)}, {statement.bind(reject.matches)})"
        set_aside(con, raw, f"coalesce({test}, false)", statement.parameters, reject.reason)
    sections = [placed for placed in placed_sections(source) if placed.table == name]
    if any(placed.key == ROW_KEY for placed in sections):
        _number_rows(con, raw)
    for field in dict.fromkeys(placed.key[0] for placed in sections if placed.key != ROW_KEY):
        statement = Statement()
        empty = f"{Scope(statement, table.nulls, padded).field(field, None)} is null"
        set_aside(con, raw, empty, statement.parameters, f"the key field {field} is empty")
    for placed in sections:
        section = placed.section
        if isinstance(section, Record | Shipment) and not section.repeats and placed.key != ROW_KEY:
            _set_aside_repeated(con, raw, placed.key, table, padded)


def _set_aside_repeated(
    con: duckdb.DuckDBPyConnection, raw: str, key: tuple[str, ...] | str, table: Table, padded: frozenset[str]
) -> None:
    statement = Statement()
    fields = ", ".join(Scope(statement, table.nulls, padded).field(field, None) for field in key)
    repeated = con.execute(
        f"select 1 from {raw} t group by {fields} having count(*) > 1 limit 1", statement.parameters
    ).fetchone()
    if repeated:
        later = (
            f"(file_id, line) in (select (file_id, line) from {raw} t qualify row_number() over "
            f"(partition by {fields} order by file_id, line) > 1)"
        )
        reason = f"an earlier row has the same key ({', '.join(key)}), which names one row of this source"
        set_aside(con, raw, later, statement.parameters, reason)


def _number_rows(con: duckdb.DuckDBPyConnection, raw: str) -> None:
    """Give rows without a key of their own one made of all they say; equal rows are told apart by counting."""
    columns = [str(row[0]) for row in con.execute(f"describe {raw}").fetchall()]
    if "row_key" in columns:
        return
    cells = ", ".join(f"coalesce({quote_identifier(name)}, '')" for name in columns if name not in ("file_id", "line"))
    con.execute(
        f"""
        create or replace table {raw} as
        select *, fingerprint || case when copy > 1 then '-' || copy else '' end as row_key
        from (
            select *, row_number() over (partition by fingerprint order by file_id, line) as copy
            from (select *, left(md5(concat_ws(chr(31), {cells})), 16) as fingerprint from {raw})
        )
        """
    )
    con.execute(f"alter table {raw} drop column fingerprint")
    con.execute(f"alter table {raw} drop column copy")


def _size_warnings(source: Source, name: str, table: Table, loaded: _Loaded) -> list[str]:
    read = sum(file.row_count_read for file in loaded.files.values())
    if table.rows.maximum is not None and read > table.rows.maximum:
        return [f"{source.name}: expected at most {table.rows.maximum} rows of {name}; found {read}"]
    return []


def _write_counts(con: duckdb.DuckDBPyConnection, source: Source, name: str, loaded: _Loaded) -> TableReport:
    table = source.tables[name]
    used = {field.lower() for field in used_fields(source, name)}
    read = kept_all = 0
    unused: tuple[str, ...] = ()
    for file_id, file in loaded.files.items():
        (kept,) = con.execute(
            f"select count(*) from {raw_table(source.name, name)} where file_id = $1", [file_id]
        ).fetchone() or (0,)
        unused = tuple(
            column for column in file.columns if column.lower() not in used and not matches_any(column, table.ignore)
        )
        con.execute(
            """
            update meta.source_file
            set row_count_read = $2, row_count_kept = $3, row_count_quarantined = $2 - $3, unused_fields = $4
            where file_id = $1
            """,
            [file_id, file.row_count_read, kept, list(unused)],
        )
        read += file.row_count_read
        kept_all += kept
    (stale,) = con.execute(
        "select any_value(stale_reason) from meta.source_file where file_id = $1", [min(loaded.files)]
    ).fetchone() or (None,)
    return TableReport(name, read, kept_all, read - kept_all, unused, stale)


def _staged(con: duckdb.DuckDBPyConnection, first_file: int) -> dict[str, int]:
    counts = {}
    for table in STAGING_TABLES:
        (count,) = con.execute(f"select count(*) from staging.{table} where file_id >= $1", [first_file]).fetchone() or (0,)
        if count:
            counts[table] = int(count)
    return counts


def _forget(con: duckdb.DuckDBPyConnection, source: Source, first_file: int) -> None:
    """Leave nothing of a source that could not be loaded, but that it was declared."""
    for table in source.tables:
        con.execute(f"drop table if exists {raw_table(source.name, table)}")
    for table in (*(f"staging.{name}" for name in STAGING_TABLES), "meta.rejected_row", "meta.source_file"):
        con.execute(f"delete from {table} where file_id >= $1", [first_file])


def _next_file_id(con: duckdb.DuckDBPyConnection) -> int:
    (last,) = con.execute("select coalesce(max(file_id), 0) from meta.source_file").fetchone() or (0,)
    return int(last) + 1
