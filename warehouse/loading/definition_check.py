"""Mistakes that show only when the parts of a definition are held against each other."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

import duckdb

from warehouse.loading.countries import country_code
from warehouse.loading.declaration import (
    Address,
    Name,
    Party,
    PartyIdentifier,
    Record,
    Section,
    Shipment,
    Source,
)
from warehouse.loading.value import Each, Text

RECORD_KINDS = ("company", "person", "vessel", "aircraft", "address", "unknown")
NAME_KINDS = ("primary", "alias", "weak_alias", "former", "trading", "transliterated")
ADDRESS_KINDS = ("registered", "operating", "listed", "delivery", "unknown")
COUNTRY_FIELDS = ("country", "jurisdiction", "origin_country", "destination_country")
ROW_KEY = "row"


class PlacedSection(NamedTuple):
    """A section with what it inherits: the table it reads, its key, and where it stands in the file."""

    where: str
    section: Section
    table: str
    key: tuple[str, ...] | str
    top_key: tuple[str, ...] | str  # key of the enclosing section, or its own


def placed_sections(source: Source) -> Iterator[PlacedSection]:
    """Every section of the mapping with its table and key resolved, in the order of the file.

    A section without a table or key it could inherit gets ``""`` and ``()``; ``mistakes_in`` reports it.
    """
    only_table = next(iter(source.tables)) if len(source.tables) == 1 else ""
    tops = [("records", record) for record in source.records] + [("shipments", s) for s in source.shipments]
    counters = {"records": 0, "shipments": 0}
    for kind, top in tops:
        where = f"{kind}.{counters[kind]}"
        counters[kind] += 1
        table, key = top.from_ or only_table, top.key or ()
        yield PlacedSection(where, top, table, key, key)
        for group, parts in _parts(top):
            for index, part in enumerate(parts):
                yield PlacedSection(f"{where}.{group}.{index}", part, part.from_ or table, part.key or key, key)


def _parts(top: Section) -> list[tuple[str, tuple[Section, ...]]]:
    if isinstance(top, Record):
        return [
            ("names", top.names),
            ("addresses", top.addresses),
            ("identifiers", top.identifiers),
            ("listings", top.listings),
        ]
    if isinstance(top, Shipment):
        return [("parties", top.parties), ("goods", top.goods)]
    return []


def values_of(section: Section | PartyIdentifier) -> list[tuple[str, Text]]:
    """(key in the file, value) of every value the section itself holds, its conditions and `each` included."""
    found: list[tuple[str, Text]] = []
    for key in type(section).model_fields:
        value = getattr(section, key)
        if isinstance(value, Text):
            found.append((key, value))
        elif key == "when":
            found += [(f"when.{n}", condition) for n, condition in enumerate(value)]
        elif isinstance(section, Party) and key == "identifiers":
            for n, identifier in enumerate(value):
                found += [(f"identifiers.{n}.{inner}", text) for inner, text in values_of(identifier)]
    return found


def fields_read(placed: PlacedSection) -> set[tuple[str, str]]:
    """(table, field) of every source field the section reads, its key included."""
    section = placed.section
    found = {(placed.table, field) for field in placed.key} if placed.key != ROW_KEY else set()
    for join in section.join:
        found |= {(placed.table, field) for field in join.on}
        found |= {(join.table, field) for field in join.to or join.on}
    for key, value in values_of(section):
        for table, field in value.fields():
            if table is None and section.each is not None and key != "each" and _is_part(field):
                continue
            for spelled in numbered_field(field, section.numbered):
                found.add((table or placed.table, spelled))
    return found


def numbered_field(field: str, numbered: tuple[int, int] | None) -> list[str]:
    """The field names a ``{n}`` stands for."""
    if numbered is None or "{n}" not in field:
        return [field]
    return [field.replace("{n}", str(n)) for n in range(numbered[0], numbered[1] + 1)]


def matches_any(field: str, patterns: tuple[str, ...]) -> bool:
    """Is the field named by one of the shell patterns (``Entity.OtherAddresses.*``)?"""
    return any(field == pattern or fnmatchcase(field, pattern) for pattern in patterns)


def mistakes_in(source: Source) -> list[str]:
    """Every contradiction inside one definition, as sentences that name the key."""
    mistakes = _table_mistakes(source)
    if not source.records and not source.shipments:
        mistakes.append("expected [[records]] or [[shipments]]; found neither, so nothing would be loaded")
    for placed in placed_sections(source):
        mistakes += [f"{placed.where}{mistake}" for mistake in _section_mistakes(source, placed)]
    return mistakes


def _table_mistakes(source: Source) -> list[str]:
    mistakes: list[str] = []
    for name, table in source.tables.items():
        at = f"tables.{name}"
        if table.format in ("parquet", "json", "jsonl") and table.columns:
            mistakes.append(f"{at}.columns: only csv files have columns without a header; format is {table.format}")
        if table.member is not None and table.compression not in ("zip", "detect"):
            mistakes.append(f'{at}.member: expected compression = "zip" with it; found {table.compression!r}')
        if table.record_path and table.format != "json":
            mistakes.append(f'{at}.record_path: expected format = "json" with it; found {table.format!r}')
        if table.rows.maximum is not None and table.rows.maximum < table.rows.minimum:
            mistakes.append(
                f"{at}.rows: expected minimum <= maximum; found {table.rows.minimum} > {table.rows.maximum}"
            )
        for index, reject in enumerate(table.reject):
            mistakes += [f"{at}.reject.{index}.matches: {m}" for m in _pattern_mistakes([reject.matches])]
        if table.columns is not None:
            named = [(f"corrections.{n}.field", c.field) for n, c in enumerate(table.corrections)]
            named += [(f"reject.{n}.field", r.field) for n, r in enumerate(table.reject)]
            mistakes += [
                f"{at}.{key}: expected one of the table's columns; found {field!r}"
                for key, field in named
                if field not in table.columns
            ]
    return mistakes


def _section_mistakes(source: Source, placed: PlacedSection) -> list[str]:
    section = placed.section
    mistakes: list[str] = []
    if placed.table not in source.tables:
        known = ", ".join(source.tables)
        return [f".from: expected one of the source's tables ({known}); found {placed.table or 'nothing'}"]
    if not placed.key:
        mistakes.append('.key: expected the field(s) that name a row, or "row"; found nothing')
    if len(placed.key) != len(placed.top_key) or (placed.key == ROW_KEY) != (placed.top_key == ROW_KEY):
        mistakes.append(
            f".key: expected as many fields as the enclosing section's key {placed.top_key}; found {placed.key}"
        )
    if placed.key == ROW_KEY and section.from_ is not None and placed.where.count(".") > 1:
        mistakes.append('.from: rows of another table cannot be found by key = "row"; give both tables a key')
    if section.each is not None and section.numbered is not None:
        mistakes.append(".each: each and numbered cannot stand in one section")
    if section.numbered is not None and not 0 <= section.numbered[0] <= section.numbered[1] <= 1000:
        mistakes.append(f".numbered: expected [first, last]; found {list(section.numbered)}")
    joined = {join.table for join in section.join}
    for join in section.join:
        if join.table not in source.tables:
            mistakes.append(f".join: expected one of the source's tables; found {join.table!r}")
        if join.to is not None and len(join.to) != len(join.on):
            mistakes.append(f".join: `on` and `to` must pair up; found {len(join.on)} and {len(join.to)} fields")
    for key, value in values_of(section):
        mistakes += [f".{key}: {mistake}" for mistake in _value_mistakes(key, value, section, joined)]
    for table, field in sorted(fields_read(placed)):
        columns = source.tables[table].columns if table in source.tables else None
        if columns is not None and field not in columns:
            mistakes.append(f": field {field!r} is not among the columns of table {table!r}")
    return mistakes


def _value_mistakes(key: str, value: Text, section: Section, joined: set[str]) -> list[str]:
    mistakes = _pattern_mistakes(value.patterns())
    for table, field in value.fields():
        if table is not None and table not in joined:
            mistakes.append(f"table {table!r} is not joined here; add it under join")
        if _is_part(field) and (section.each is None or isinstance(value, Each)) and field == "each":
            mistakes.append("field 'each' needs an `each` in the same section")
        if "{n}" in field and section.numbered is None:
            mistakes.append(f"field {field!r} needs `numbered = [first, last]` in the same section")
    allowed = _allowed(key, section)
    for stated in _stated_values(value):
        if allowed is not None and stated not in allowed:
            mistakes.append(f"expected one of {', '.join(allowed)}; found {stated!r}")
        if key.rsplit(".", 1)[-1] in COUNTRY_FIELDS and country_code(stated) is None:
            mistakes.append(f"expected a country or its ISO code; found {stated!r}")
    return mistakes


def _allowed(key: str, section: Section) -> tuple[str, ...] | None:
    if key == "kind" and isinstance(section, Record | Party):
        return RECORD_KINDS
    if key == "kind" and isinstance(section, Name):
        return NAME_KINDS
    if (key == "kind" and isinstance(section, Address)) or key == "address_kind":
        return ADDRESS_KINDS
    return None


def _stated_values(value: Text) -> list[str]:
    """What the definition itself writes into the column: its constant, its map, its otherwise."""
    stated = [value.constant, value.otherwise, *value.values.values()]
    return [text for text in stated if text]


def _is_part(field: str) -> bool:
    return field == "each" or field.startswith("each.")


def _pattern_mistakes(patterns: list[str]) -> list[str]:
    return [mistake for pattern in patterns if (mistake := _pattern_mistake(pattern)) is not None]


@cache
def _pattern_mistake(pattern: str) -> str | None:
    """Ask the engine that will run the pattern; its syntax is RE2's, not Python's."""
    try:
        with duckdb.connect() as con:
            con.execute("select regexp_matches('x', $pattern)", {"pattern": pattern})
    except duckdb.Error as error:
        return f"not a regular expression (RE2 syntax): {pattern!r}: {str(error).splitlines()[0]}"
    return None
