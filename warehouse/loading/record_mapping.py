"""Records of a source -> staging.company_record and the names, addresses, identifiers and listings beside it."""

from collections.abc import Callable, Iterator, Sequence

import duckdb

from warehouse.loading.declaration import Address, Identifier, Listing, Name, Record, Section, Source
from warehouse.loading.definition_check import ADDRESS_KINDS, NAME_KINDS, RECORD_KINDS, PlacedSection, placed_sections
from warehouse.loading.expression import Cell, Scope, Statement
from warehouse.loading.section_rows import (
    Column,
    Present,
    Rows,
    as_choice,
    as_condition,
    as_country,
    as_date,
    as_precision,
    as_text,
    constant,
    is_known,
    write_rows,
)
from warehouse.loading.value import Condition, Text


def map_records(con: duckdb.DuckDBPyConnection, source: Source, present: Present) -> None:
    """Write every ``[[records]]`` section whose table the delivery has."""
    record: PlacedSection | None = None
    for placed in placed_sections(source):
        if not placed.where.startswith("records."):
            continue
        if isinstance(placed.section, Record):
            record = placed
        if placed.table not in present or record is None or record.table not in present:
            continue
        for rows in _numbered(con, source, placed, record, present):
            _write(rows, record)


def _numbered(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    placed: PlacedSection,
    record: PlacedSection,
    present: Present,
) -> Iterator[Rows]:
    inherited: tuple[Condition, ...] = ()
    if placed is not record and placed.table == record.table:
        inherited = record.section.when
    repeats = isinstance(record.section, Record) and record.section.repeats
    for number in numbers_of(placed.section):
        yield Rows(con, source, placed, present, inherited, number, repeats=repeats)


def numbers_of(section: Section) -> Sequence[int | None]:
    """What ``{n}`` stands for in a section, in turn; one ``None`` where it has no numbered fields."""
    if section.numbered is None:
        return [None]
    return range(section.numbered[0], section.numbered[1] + 1)


def _write(rows: Rows, record: PlacedSection) -> None:
    section = rows.section
    if isinstance(section, Record):
        _write_record(rows, section)
        return
    must_exist = None
    if rows.placed.table != record.table:
        _set_aside_orphans(rows, record.table)
        must_exist = is_known(rows, "company_record", "record_id")
    if isinstance(section, Name):
        columns = {
            "name": as_text(section.name),
            "name_kind": as_choice(section.kind, NAME_KINDS, "alias"),
            "language": as_text(section.language),
        }
        _write_part(rows, "staging.record_name", columns, ("name", "name_kind"), must_exist)
    elif isinstance(section, Address):
        _write_part(rows, "staging.record_address", address_columns(section), ("address",), must_exist)
    elif isinstance(section, Identifier):
        columns = {
            "identifier_kind": as_text(section.kind),
            "identifier": as_text(section.identifier),
            "country": as_country(section.country),
        }
        _write_part(rows, "staging.record_identifier", columns, ("identifier_kind", "identifier"), must_exist)
    elif isinstance(section, Listing):
        _write_part(rows, "staging.listing", _listing_columns(section), ("list_name",), must_exist)


def identity(rows: Rows) -> Column:
    """The id of the record or shipment a row states."""
    return lambda scope: Cell(rows.identity(scope), rows.identity(scope))


def _write_part(
    rows: Rows,
    target: str,
    columns: dict[str, Column],
    required: tuple[str, ...],
    must_exist: Callable[[Scope], str] | None,
) -> None:
    section = rows.section
    once = must_exist is None and section.each is None and not rows.repeats
    named = {"record_id": identity(rows)} | columns
    write_rows(rows, target, named, required=required, distinct=not once, must_exist=must_exist)


def _write_record(rows: Rows, record: Record) -> None:
    columns: dict[str, Column] = {
        "record_id": identity(rows),
        "source": constant(rows.source.name),
        "source_key": lambda scope: Cell(rows.key(scope), rows.key(scope)),
        "record_kind": as_choice(record.kind, RECORD_KINDS, "unknown"),
        "name": as_text(record.name),
        "jurisdiction": as_country(record.jurisdiction),
        "registration_number": as_text(record.registration_number),
        "lei_code": as_text(record.lei_code),
        "legal_form": as_text(record.legal_form),
        "status": as_text(record.status),
        "incorporation_date": as_date(record.incorporation_date),
        "incorporation_date_precision": as_precision(record.incorporation_date),
        "dissolution_date": as_date(record.dissolution_date),
        "dissolution_date_precision": as_precision(record.dissolution_date),
    }
    write_rows(rows, "staging.company_record", columns, distinct=False)
    if record.repeats:
        keep_first(rows.con, "staging.company_record", "record_id", rows.source.name)
    if record.name_language is not None:  # else the name in staging.company_record says it all
        primary = {
            "name": as_text(record.name),
            "name_kind": constant("primary"),
            "language": as_text(record.name_language),
        }
        _write_part(rows, "staging.record_name", primary, ("name",), None)


def keep_first(con: duckdb.DuckDBPyConnection, table: str, key: str, source: str) -> None:
    """Of several statements of one record, keep the one that stands first in the landed files."""
    con.execute(
        f"""
        delete from {table} where rowid in (
            select rowid from {table} where source = $source
            qualify row_number() over (partition by {key} order by file_id, line) > 1
        )
        """,
        {"source": source},
    )


def address_columns(section: Address) -> dict[str, Column]:
    """The columns of staging.record_address; the address falls back to the finest place that is stated."""
    places = [section.address, section.city, section.region, section.country]
    stated = tuple(place for place in places if place is not None)
    return {
        "address": as_text(Text(first_of=stated)) if stated else as_text(None),
        "city": as_text(section.city),
        "region": as_text(section.region),
        "postcode": as_text(section.postcode),
        "country": as_country(section.country),
        "address_kind": as_choice(section.kind, ADDRESS_KINDS, "unknown"),
    }


def _listing_columns(section: Listing) -> dict[str, Column]:
    return {
        "list_name": as_text(section.list_name),
        "programme": as_text(section.programme),
        "authority": as_text(section.authority),
        "listed_date": as_date(section.listed_date),
        "listed_date_precision": as_precision(section.listed_date),
        "delisted_date": as_date(section.delisted_date),
        "is_address_entry": as_condition(section.is_address_entry),
        "remarks": as_text(section.remarks),
    }


def _set_aside_orphans(rows: Rows, table: str) -> None:
    """Report rows whose key names no record; a name or address without its record says nothing."""
    statement = Statement()
    scope = rows.scope(statement)
    identifier = rows.identity(scope)
    reason = statement.bind(f"no record with this key was found in table {table}")
    rows.con.execute(
        f"""
        insert into meta.rejected_row
        select distinct t.file_id, t.line, {reason}, {rows.key(scope)}
        from {rows.origin(scope)}
        where {rows.restriction(scope)} and {identifier} not in (
            select record_id from staging.company_record where source = {statement.bind(rows.source.name)}
        )
        """,
        statement.parameters,
    )
