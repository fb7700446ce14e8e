"""Load one source: its landed files into raw tables, and what its mapping makes of them into staging."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse.landing.landed import PullResult
from warehouse.loading.countries import create_country_table
from warehouse.loading.declaration import Source, Table
from warehouse.loading.definition_check import matches_any
from warehouse.loading.delivery import LoadedTable, load_delivery, next_file_id, used_fields
from warehouse.loading.raw import raw_table
from warehouse.loading.readers.chunk import ReadFailure
from warehouse.loading.record_mapping import map_records
from warehouse.loading.section_rows import Present
from warehouse.loading.shipment_mapping import map_shipments

STAGING_TABLES = (
    "company_record",
    "record_name",
    "record_address",
    "record_identifier",
    "listing",
    "shipment",
    "shipment_party",
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
    warnings: list[str] = field(default_factory=list)  # sentences that do not name the source

    @property
    def row_count_read(self) -> int:
        """Rows read from every file of the source."""
        return sum(table.row_count_read for table in self.tables)

    @property
    def row_count_quarantined(self) -> int:
        """Rows set aside, of every file of the source."""
        return sum(table.row_count_quarantined for table in self.tables)


def load_source(con: duckdb.DuckDBPyConnection, source: Source, pulled: PullResult, data_dir: Path) -> LoadReport:
    """Fill ``raw``, ``staging`` and ``meta`` from what was landed of a source.

    For each table the newest landed delivery is tried first; one that cannot be read, or breaks the bounds of its
    definition, is passed over for the one before it and the reason is kept (``meta.source_file.stale_reason``).

    Args:
        con: a build on which ``create_schemas`` has been called; no transaction may be open.
        source: the definition.
        pulled: what ``pull`` answered.
        data_dir: landed paths are stored relative to it.

    Raises:
        SourceFailure: a table that is not optional has no delivery that can be loaded, or the mapping fails on its
            rows. The build holds nothing of the source then.
    """
    report = LoadReport(source.name)
    first_file = next_file_id(con)
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
        _map(con, source, {name: loaded.padded for name, loaded in present.items()})
    except SourceFailure:
        _forget(con, source, first_file)
        raise
    for name, loaded in present.items():
        report.tables.append(_write_counts(con, source, name, loaded))
    report.staged = _staged(con, first_file)
    return report


def _map(con: duckdb.DuckDBPyConnection, source: Source, present: Present) -> None:
    try:
        map_records(con, source, present)
        map_shipments(con, source, present)
    except (duckdb.DataError, duckdb.InvalidInputException) as error:  # the rows' fault; a full disk is not
        first = str(error).splitlines()[0]
        raise SourceFailure(source.name, [f"the mapping cannot be applied to its rows: {first}"]) from error


def _write_source(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    con.execute(
        "insert or replace into meta.source values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            source.name,
            source.title,
            source.publisher,
            source.licence,
            source.homepage,
            source.schedule,
            source.is_register,
            source.is_synthetic,
            source.is_required,
            source.definition_sha256,
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
) -> LoadedTable | None:
    """Load the newest delivery that can be; ``None``: an optional table without any."""
    reasons = [f"{failure.table}: {failure.reason}" for failure in pulled.failures if failure.table == name]
    for delivery in pulled.deliveries.get(name, ()):
        try:
            loaded = load_delivery(con, source, name, table, delivery, data_dir)
        except ReadFailure as error:
            reasons.append(f"{name} of {delivery.retrieved_at:%Y-%m-%d}: {error}")
            continue
        if reasons:
            _mark_stale(con, loaded, " | ".join(reasons))
            report.warnings.append("an earlier delivery was used; " + " | ".join(reasons))
        report.warnings += _size_warnings(name, table, loaded)
        return loaded
    if table.is_optional and not pulled.deliveries.get(name):
        report.warnings += reasons
        return None
    raise SourceFailure(source.name, reasons or [f"{name}: nothing has been landed; pull the source first"])


def _mark_stale(con: duckdb.DuckDBPyConnection, loaded: LoadedTable, reason: str) -> None:
    for file_id in loaded.files:
        con.execute(
            "update meta.source_file set is_stale = true, stale_reason = $1 where file_id = $2", [reason, file_id]
        )


def _size_warnings(name: str, table: Table, loaded: LoadedTable) -> list[str]:
    read = sum(file.row_count_read for file in loaded.files.values())
    if table.rows.maximum is not None and read > table.rows.maximum:
        return [f"expected at most {table.rows.maximum} rows of {name}; found {read}"]
    return []


def _write_counts(con: duckdb.DuckDBPyConnection, source: Source, name: str, loaded: LoadedTable) -> TableReport:
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
        (count,) = con.execute(
            f"select count(*) from staging.{table} where file_id >= $1", [first_file]
        ).fetchone() or (0,)
        if count:
            counts[table] = int(count)
    return counts


def _forget(con: duckdb.DuckDBPyConnection, source: Source, first_file: int) -> None:
    """Leave nothing of a source that could not be loaded, but that it was declared."""
    for table in source.tables:
        con.execute(f"drop table if exists {raw_table(source.name, table)}")
    for table in (*(f"staging.{name}" for name in STAGING_TABLES), "meta.rejected_row", "meta.source_file"):
        con.execute(f"delete from {table} where file_id >= $1", [first_file])
