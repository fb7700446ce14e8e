"""A tiny world: staging rows and resolution's answer written by hand, the real models built on them."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from resolution.schema import CLUSTER_EVENTS, CLUSTER_MEMBERS, JUDGEMENTS, SCORED_PAIRS
from warehouse.building.build import build_models
from warehouse.building.resolution_tables import write_resolution
from warehouse.connection import open_build

SCHEMA = Path(__file__).parents[3] / "warehouse" / "schema"
AS_OF = date(2026, 11, 24)


class World:
    """Writes staging rows and resolution's tables; every row stands on a line of its own."""

    def __init__(self, con: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.con = con
        self.path = path
        self.pairs: list[dict[str, Any]] = []
        self.members: dict[str, str] = {}
        self._files: dict[str, int] = {}
        self._line = 0

    def source(self, source: str, *, is_register: bool = False, is_synthetic: bool = False) -> None:
        file_id = self._files[source] = len(self._files) + 1
        self.con.execute(
            "insert into meta.source values (?, ?, ?, 'free', null, 'daily', ?, ?, false, 'sha')",
            [source, source.upper(), f"publisher of {source}", is_register, is_synthetic],
        )
        self.con.execute(
            "insert into meta.source_file (file_id, source, source_table, address, path, sha256, byte_count,"
            " retrieved_at, licence, is_stale) values (?, ?, 'main', 'https://example.org', ?, ?, 1, ?, 'free', false)",
            [file_id, source, f"landing/{source}/file.csv", f"sha-{source}", datetime(2026, 11, 24)],
        )

    def record(self, record_id: str, name: str | None, **fields: Any) -> str:
        """State a record; stating the same id again adds a line about it."""
        source = record_id.split(":")[0]
        row = {
            "record_id": record_id,
            "source": source,
            "source_key": record_id.split(":")[1],
            "record_kind": "company",
            "name": name,
            **fields,
            **self._place(source),
        }
        self._insert("company_record", row)
        if row["record_kind"] in {"company", "unknown"}:
            self.members.setdefault(record_id, f"bp-{record_id}")
        return record_id

    def name(self, record_id: str, name: str, name_kind: str = "alias") -> None:
        self._insert(
            "record_name", {"record_id": record_id, "name": name, "name_kind": name_kind, **self._at(record_id)}
        )

    def address(self, record_id: str, address: str, country: str | None = "HK", **fields: Any) -> None:
        row = {"record_id": record_id, "address": address, "country": country, "address_kind": "unknown", **fields}
        self._insert("record_address", {**row, **self._at(record_id)})

    def identifier(self, record_id: str, kind: str, identifier: str) -> None:
        row = {"record_id": record_id, "identifier_kind": kind, "identifier": identifier}
        self._insert("record_identifier", {**row, **self._at(record_id)})

    def listed(self, record_id: str, listed_date: str | None, **fields: Any) -> None:
        row = {
            "record_id": record_id,
            "list_name": "Entity List",
            "listed_date": listed_date,
            "is_address_entry": False,
        }
        self._insert("listing", {**row, **fields, **self._at(record_id)})

    def shipment(
        self, shipment_id: str, shipment_date: str | None, supplier: str | None = None, receiver: str | None = None,
        goods: tuple[tuple[str | None, str | None], ...] = (),
    ) -> None:  # fmt: skip
        source = shipment_id.split(":")[0]
        place = self._place(source)
        self._insert(
            "shipment",
            {
                "shipment_id": shipment_id,
                "source": source,
                "source_key": shipment_id.split(":")[1],
                "direction": "import",
                "shipment_date": shipment_date,
                **place,
            },
        )
        for role, record_id in (("shipper", supplier), ("consignee", receiver)):
            if record_id:
                self._insert(
                    "shipment_party", {"shipment_id": shipment_id, "role": role, "record_id": record_id, **place}
                )
        for hs_code, description in goods:
            row = {"shipment_id": shipment_id, "hs_code": hs_code, "description": description}
            self._insert("shipment_goods", {**row, **place})

    def alike(self, one: str, other: str, likeness: float = 0.95, probability: float = 0.3) -> None:
        left, right = sorted((one, other))
        self.pairs.append(
            {
                "left_record_id": left,
                "right_record_id": right,
                "match_probability": probability,
                "name_likeness": likeness,
                "name_path": "same script",
                "blocking_rules": ["token"],
                "why": "the names share rare words",
            }
        )

    def same(self, *record_ids: str) -> None:
        for record_id in record_ids:
            self.members[record_id] = f"bp-{min(record_ids)}"

    def build(self) -> None:
        """Run every layer, resolution's answer included."""
        build_models(self.con, ("core", "resolved"), {"as_of": AS_OF})
        self.write_resolution()
        build_models(self.con, ("indicator", "mart"), {"as_of": AS_OF})

    def write_resolution(self) -> None:
        members = [{"record_id": r, "canonical_id": c, "probability": 1.0} for r, c in self.members.items()]
        write_resolution(
            self.con,
            {
                "scored_pair": pa.Table.from_pylist(self.pairs, SCORED_PAIRS),
                "cluster_member": pa.Table.from_pylist(members, CLUSTER_MEMBERS),
                "cluster_event": CLUSTER_EVENTS.empty_table(),
                "judgement": JUDGEMENTS.empty_table(),
            },
        )

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        answer = self.con.execute(query, list(values))
        columns = [column[0] for column in answer.description]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]

    def indicator(self, record_id: str, indicator: str) -> dict[str, Any]:
        """The one row of an indicator for the entity of a record."""
        (row,) = self.rows(
            "select * from mart.indicator_state where entity_id = ? and indicator = ?",
            self.members[record_id],
            indicator,
        )
        return row

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        self.con.execute(f"insert into staging.{table} ({columns}) values ({marks})", list(row.values()))

    def _at(self, record_id: str) -> dict[str, int]:
        return self._place(record_id.split(":")[0])

    def _place(self, source: str) -> dict[str, int]:
        self._line += 1
        return {"file_id": self._files[source], "line": self._line}


def create_meta_and_staging(con: duckdb.DuckDBPyConnection) -> None:
    for name in ("meta", "staging"):
        con.execute((SCHEMA / f"{name}.sql").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def make_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], World]]:
    """Makes worlds with a register, a list and customs, nothing in them yet; closes them at the end."""
    made: list[World] = []

    def make() -> World:
        path = tmp_path_factory.mktemp("world") / "build.duckdb"
        con = open_build(path, memory_limit="2GB")
        create_meta_and_staging(con)
        world = World(con, path)
        world.source("hk", is_register=True)
        world.source("bis")
        world.source("customs")
        made.append(world)
        return world

    yield make
    for world in made:
        world.con.close()


@pytest.fixture
def world(make_world: Callable[[], World]) -> World:
    return make_world()


@pytest.fixture
def build(world: World) -> duckdb.DuckDBPyConnection:
    """An open build with meta and staging tables."""
    return world.con


@pytest.fixture
def victory_wave(world: World) -> World:
    """The listed party in register and list, and the company that looks like it."""
    world.record(
        "hk:1106906",
        "VICTORY WAVE HOLDINGS LIMITED",
        jurisdiction="HK",
        incorporation_date="2007-02-01",
        dissolution_date="2011-03-25",
    )
    world.record("hk:1447829", "VICTORY WAVE LIMITED", jurisdiction="HK", incorporation_date="2010-04-23")
    world.record("bis:vw", "Victory Wave Holdings Limited")
    world.address("bis:vw", "Unit 2401A, 24/F Park-In Commercial Centre, 56 Dundas Street, Mongkok, Kowloon")
    world.listed("bis:vw", "2010-01-13", authority="75 FR 1699")
    world.same("bis:vw", "hk:1106906")
    world.alike("hk:1447829", "bis:vw")
    world.alike("hk:1447829", "hk:1106906")
    return world
