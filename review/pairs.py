"""A pair of records with everything a reviewer is shown about it, read from a release."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb

from resolution.schema import RECORDS
from review.judgements import shown_json

PairIds = tuple[str, str]  # left_record_id < right_record_id
NEIGHBOURS_SHOWN = 5
Row = dict[str, object]


@dataclass(frozen=True)
class ShownRecord:
    """One record: ``fields`` keyed as resolution.schema.RECORDS, the rest straight from ``core``."""

    fields: Mapping[str, object]
    source_title: str
    names: Sequence[tuple[str, str]]  # (name, kind): primary first
    addresses: Sequence[tuple[str, str]]  # (address, kind)
    identifiers: Sequence[tuple[str, str]]  # (kind, identifier), those without a field of their own
    listings: Sequence[str]  # one sentence per listing
    canonical_id: str | None
    neighbours: Sequence[str]  # names of other records now held to be the same entity
    neighbour_count: int

    @property
    def record_id(self) -> str:
        """The source's own key, prefixed by the source."""
        return str(self.fields["record_id"])


@dataclass(frozen=True)
class ShownPair:
    """Two records and what the model makes of them."""

    left: ShownRecord
    right: ShownRecord
    match_probability: float  # 0-1
    name_path: str
    blocking_rules: Sequence[str]
    why: str
    run_id: str

    @property
    def ids(self) -> PairIds:
        """The ordered record ids."""
        return self.left.record_id, self.right.record_id

    @property
    def in_one_cluster(self) -> bool:
        """The current release holds both to be one entity."""
        return self.left.canonical_id is not None and self.left.canonical_id == self.right.canonical_id

    @cached_property
    def evidence_hash(self) -> str:
        """SHA-256 over all that an answer on this pair could rest on."""
        evidence = [
            *(
                [shown_json(side.fields), side.names, side.addresses, side.identifiers, side.listings]
                for side in (self.left, self.right)
            ),
            self.match_probability,
            self.why,
        ]
        return hashlib.sha256(json.dumps(evidence, ensure_ascii=False).encode()).hexdigest()


def read_pairs(con: duckdb.DuckDBPyConnection, ids: Sequence[PairIds], run_id: str) -> list[ShownPair]:
    """The pairs of ``ids`` that the release holds, in the order asked; one query per table for all of them.

    ``con`` is a release as ``warehouse.connection.open_release`` gives it. Raises duckdb.Error where the
    release lacks a table.
    """
    record_ids = sorted({record_id for pair in ids for record_id in pair})
    records = _read_records(con, record_ids)
    scored = {
        (str(row["left_record_id"]), str(row["right_record_id"])): row
        for row in _rows(con, _SCORED, {"left": [left for left, _ in ids], "right": [right for _, right in ids]})
    }
    pairs: list[ShownPair] = []
    for left, right in ids:
        row = scored.get((left, right))
        if row is None or left not in records or right not in records:
            continue
        pairs.append(
            ShownPair(
                left=records[left],
                right=records[right],
                match_probability=round(float(str(row["match_probability"])), 6),
                name_path=str(row["name_path"]),
                blocking_rules=[str(rule) for rule in _sequence(row["blocking_rules"])],
                why=str(row["why"] or ""),
                run_id=run_id,
            )
        )
    return pairs


_SCORED = """
    select left_record_id, right_record_id, match_probability, name_path, blocking_rules, why
    from resolved.scored_pair
    where left_record_id in (select unnest($left))
      and (left_record_id, right_record_id) in (select (unnest($left), unnest($right)))
"""
_FIELDS = f"""
    select {", ".join(f'record."{name}"' for name in RECORDS.names)},
        coalesce(about.title, record.source) as source_title
    from resolved.resolution_input as record left join meta.source as about on about.source = record.source
    where record_id in (select unnest($ids))
"""
_NAMES = """
    select distinct record_id, name, name_kind from core.record_name
    where record_id in (select unnest($ids)) order by name_kind <> 'primary', name_kind, name
"""
_ADDRESSES = """
    select distinct record_id, address, country, address_kind from core.record_address
    where record_id in (select unnest($ids)) order by address_kind, address
"""
_IDENTIFIERS = """
    select distinct record_id, identifier_kind, identifier from core.record_identifier
    where record_id in (select unnest($ids))
      and identifier_kind not in ('registration_number', 'lei', 'phone', 'email', 'website')
    order by identifier_kind, identifier
"""
_LISTINGS = """
    select distinct record_id, list_name, programme, listed_date, delisted_date from core.listing
    where record_id in (select unnest($ids)) order by listed_date, list_name
"""
_CLUSTERS = """
    with own as (
        select record_id, canonical_id from resolved.cluster_member where record_id in (select unnest($ids)))
    select own.record_id, own.canonical_id, count(*) - 1 as neighbour_count,
        array_agg(other.record_id order by other.record_id) as members
    from own join resolved.cluster_member as other using (canonical_id)
    group by own.record_id, own.canonical_id
"""
_PRIMARY_NAMES = """
    select record_id, name || ' (' || source || ')' as label from resolved.resolution_input
    where record_id in (select unnest($ids))
"""


def _read_records(con: duckdb.DuckDBPyConnection, record_ids: Sequence[str]) -> dict[str, ShownRecord]:
    wanted = {"ids": list(record_ids)}
    names = _grouped(_rows(con, _NAMES, wanted))
    addresses = _grouped(_rows(con, _ADDRESSES, wanted))
    identifiers = _grouped(_rows(con, _IDENTIFIERS, wanted))
    listings = _grouped(_rows(con, _LISTINGS, wanted))
    clusters = {str(row["record_id"]): row for row in _rows(con, _CLUSTERS, wanted)}
    neighbours = {
        record_id: [member for member in map(str, _sequence(row["members"])) if member != record_id]
        for record_id, row in clusters.items()
    }
    shown_neighbours = {member for members in neighbours.values() for member in members[:NEIGHBOURS_SHOWN]}
    labels = {
        str(row["record_id"]): str(row["label"])
        for row in _rows(con, _PRIMARY_NAMES, {"ids": sorted(shown_neighbours)})
    }
    records: dict[str, ShownRecord] = {}
    for row in _rows(con, _FIELDS, wanted):
        record_id = str(row["record_id"])
        others = neighbours.get(record_id, [])
        records[record_id] = ShownRecord(
            fields={name: _plain(row[name]) for name in RECORDS.names},
            source_title=str(row["source_title"]),
            names=_named(row, names[record_id]),
            addresses=_addressed(row, addresses[record_id]),
            identifiers=[(str(one["identifier_kind"]), str(one["identifier"])) for one in identifiers[record_id]],
            listings=[_listing_sentence(one) for one in listings[record_id]],
            canonical_id=str(clusters[record_id]["canonical_id"]) if record_id in clusters else None,
            neighbours=[labels[other] for other in others[:NEIGHBOURS_SHOWN] if other in labels],
            neighbour_count=len(others),
        )
    return records


def _named(fields: Row, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Primary name first, then the others with their kind; each spelling once."""
    found: dict[str, str] = {}
    if fields["name"]:
        found[str(fields["name"])] = "primary"
    for row in rows:
        found.setdefault(str(row["name"]), str(row["name_kind"]))
    for name in _sequence(fields["other_names"]):
        found.setdefault(str(name), "alias")
    return list(found.items())


def _addressed(fields: Row, rows: Sequence[Row]) -> list[tuple[str, str]]:
    found = {str(row["address"]): str(row["address_kind"]) for row in rows}
    if fields["address"] and not found:
        found[str(fields["address"])] = "unknown"
    return list(found.items())


def _listing_sentence(row: Row) -> str:
    words = [str(row["list_name"])]
    if row["programme"]:
        words.append(f"({row['programme']})")
    words.append(f"listed {row['listed_date']}" if row["listed_date"] else "listing date not stated")
    if row["delisted_date"]:
        words.append(f"delisted {row['delisted_date']}")
    return " · ".join(words)


def _rows(con: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object]) -> list[Row]:
    result = con.execute(query, dict(values))
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _grouped(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[str(row["record_id"])].append(row)
    return groups


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _plain(value: object) -> object:
    """JSON as it will be stored: dates become ISO 8601 text."""
    return value if value is None or isinstance(value, str | bool | int | float | list) else str(value)
