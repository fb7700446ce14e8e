"""Shipments of a source -> staging.shipment, its parties (also as records) and its goods.

A party is a record of its source: the same name, address and country are the same record in whatever role, so
that a company that both ships and receives is one. Its id comes from these three as the source states them.
"""

import duckdb

from warehouse.loading.declaration import Address, Goods, Party, Shipment, Source
from warehouse.loading.definition_check import ADDRESS_KINDS, RECORD_KINDS, PlacedSection, placed_sections
from warehouse.loading.expression import Cell, Scope
from warehouse.loading.record_mapping import address_columns, identity, keep_first, numbers_of
from warehouse.loading.section_rows import (
    Column,
    Present,
    Rows,
    as_choice,
    as_country,
    as_date,
    as_digits,
    as_number,
    as_precision,
    as_text,
    constant,
    is_known,
    write_rows,
)
from warehouse.loading.value import Condition

_CREATE_PARTIES = """
create or replace temp table stated_party (
    shipment_id varchar, role varchar, record_id varchar, record_kind varchar, name varchar,
    registration_number varchar, address varchar, city varchar, region varchar, postcode varchar, country varchar,
    address_kind varchar, file_id integer, line bigint
)
"""
_CREATE_IDENTIFIERS = """
create or replace temp table stated_identifier (
    record_id varchar, identifier_kind varchar, identifier varchar, country varchar, file_id integer, line bigint
)
"""
_FIRST = "arg_min({0}, (file_id, line))"


def map_shipments(con: duckdb.DuckDBPyConnection, source: Source, present: Present) -> None:
    """Write every ``[[shipments]]`` section whose table the delivery has.

    A party or goods row whose shipment no header states still names a shipment: it is added with what is known.
    """
    if not source.shipments:
        return
    con.execute(_CREATE_PARTIES)
    con.execute(_CREATE_IDENTIFIERS)
    shipment: PlacedSection | None = None
    for placed in placed_sections(source):
        if not placed.where.startswith("shipments."):
            continue
        if isinstance(placed.section, Shipment):
            shipment = placed
        if placed.table not in present or shipment is None:
            continue
        inherited: tuple[Condition, ...] = ()
        if placed is not shipment and placed.table == shipment.table:
            inherited = shipment.section.when
        for number in numbers_of(placed.section):
            _write(Rows(con, source, placed, present, inherited, number), shipment.section)
    _write_parties(con, source.name)


def _write(rows: Rows, shipment: object) -> None:
    section = rows.section
    if isinstance(section, Shipment):
        _write_shipment(rows, section)
    elif isinstance(section, Party) and isinstance(shipment, Shipment):
        _state_party(rows, section)
        _add_missing_shipments(rows, shipment.direction)
    elif isinstance(section, Goods) and isinstance(shipment, Shipment):
        _write_goods(rows, section)
        _add_missing_shipments(rows, shipment.direction)


def _source_key(rows: Rows) -> Column:
    return lambda scope: Cell(rows.key(scope), rows.key(scope))


def _write_shipment(rows: Rows, section: Shipment) -> None:
    columns: dict[str, Column] = {
        "shipment_id": identity(rows),
        "source": constant(rows.source.name),
        "source_key": _source_key(rows),
        "direction": constant(section.direction),
        "shipment_date": as_date(section.shipment_date),
        "shipment_date_precision": as_precision(section.shipment_date),
        "origin_country": as_country(section.origin_country),
        "destination_country": as_country(section.destination_country),
        "port_of_lading": as_text(section.port_of_lading),
        "port_of_unlading": as_text(section.port_of_unlading),
        "vessel_name": as_text(section.vessel_name),
        "gross_weight_kg": as_number(section.gross_weight_kg),
        "value_usd": as_number(section.value_usd),
    }
    write_rows(rows, "staging.shipment", columns, distinct=False)
    if section.repeats:
        keep_first(rows.con, "staging.shipment", "shipment_id", rows.source.name)


def _add_missing_shipments(rows: Rows, direction: str) -> None:
    columns: dict[str, Column] = {
        "shipment_id": identity(rows),
        "source": constant(rows.source.name),
        "source_key": _source_key(rows),
        "direction": constant(direction),
    }
    known = is_known(rows, "shipment", "shipment_id")
    write_rows(rows, "staging.shipment", columns, must_exist=lambda scope: f"not ({known(scope)})")


def _write_goods(rows: Rows, section: Goods) -> None:
    columns: dict[str, Column] = {
        "shipment_id": identity(rows),
        "hs_code": as_digits(section.hs_code),
        "description": as_text(section.description),
        "quantity": as_number(section.quantity),
        "quantity_unit": as_text(section.quantity_unit),
        "weight_kg": as_number(section.weight_kg),
        "value_usd": as_number(section.value_usd),
        "container_number": as_text(section.container_number),
    }
    something = "coalesce(hs_code, description, container_number) is not null"
    write_rows(rows, "staging.shipment_goods", columns, must_exist=lambda _: something)


def _party_id(source: str, party: Party) -> Column:
    """source:hash of name, address and country as stated."""
    parts = [party.name, party.address, party.country]

    def column(scope: Scope) -> Cell:
        stated = [as_text(part)(scope).sql for part in parts]
        joined = ", ".join(f"coalesce({sql}, '')" for sql in stated)
        prefix = scope.statement.bind(source + ":")
        sql = f"{prefix} || left(md5(concat_ws(chr(31), {joined})), 16)"
        return Cell(sql, sql)

    return column


def _state_party(rows: Rows, party: Party) -> None:
    place = Address(
        address=party.address,
        city=party.city,
        region=party.region,
        postcode=party.postcode,
        country=party.country,
        kind=party.address_kind,
    )
    columns: dict[str, Column] = {
        "shipment_id": identity(rows),
        "role": constant(party.role),
        "record_id": _party_id(rows.source.name, party),
        "record_kind": as_choice(party.kind, RECORD_KINDS, "unknown"),
        "name": as_text(party.name),
        "registration_number": as_text(party.registration_number),
        **address_columns(place),
        "address_kind": as_choice(party.address_kind, ADDRESS_KINDS, "unknown"),
    }
    write_rows(rows, "stated_party", columns, required=("name",), distinct=False)
    for identifier in party.identifiers:
        identifier_columns = {
            "record_id": _party_id(rows.source.name, party),
            "identifier_kind": as_text(identifier.kind),
            "identifier": as_text(identifier.identifier),
            "country": as_country(identifier.country),
        }
        write_rows(rows, "stated_identifier", identifier_columns, required=("identifier_kind", "identifier"))


def _write_parties(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Turn the parties gathered from every section into records, once each."""
    first = _FIRST.format
    con.execute(
        f"""
        insert into staging.company_record
            (record_id, source, source_key, record_kind, name, registration_number, file_id, line)
        select record_id, $source, split_part(record_id, ':', 2), {first("record_kind")}, {first("name")},
               min(registration_number), {first("file_id")}, {first("line")}
        from stated_party
        where record_id not in (select record_id from staging.company_record where source = $source)
        group by record_id
        """,
        {"source": source},
    )
    con.execute(
        f"""
        insert into staging.record_address
        select record_id, address, city, region, postcode, country, address_kind,
               {first("file_id")}, {first("line")}
        from stated_party where address is not null
        group by record_id, address, city, region, postcode, country, address_kind
        """
    )
    con.execute(
        f"""
        insert into staging.record_identifier
        select record_id, identifier_kind, identifier, country, {first("file_id")}, {first("line")}
        from stated_identifier
        where record_id in (select record_id from stated_party)
        group by record_id, identifier_kind, identifier, country
        """
    )
    con.execute(
        f"""
        insert into staging.shipment_party
        select shipment_id, role, record_id, {first("file_id")}, {first("line")}
        from stated_party group by shipment_id, role, record_id
        """
    )
    con.execute("drop table stated_party")
    con.execute("drop table stated_identifier")
