"""A tiny release in the true shape, and the records of a small, hostile and many-scripted world."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import duckdb
import pytest

from resolution.schema import CLUSTER_MEMBERS, RECORDS, SCORED_PAIRS
from review.judgements import JudgementStore

SCHEMA = Path(__file__).parents[2] / "warehouse" / "schema"
HOSTILE = "</script><script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>"
TABLES = """
    create schema core;
    create schema resolved;
    create schema mart;
    create table core.record_name as from staging.record_name;
    create table core.record_address as from staging.record_address;
    create table core.record_identifier as from staging.record_identifier;
    create table core.listing as from staging.listing;
"""

Record = Mapping[str, object]
Pair = tuple[str, str, float, str]


def record(record_id: str, name: str, **fields: object) -> Record:
    """A row of RECORDS with everything left out that is not stated."""
    source = record_id.split(":", 1)[0]
    return dict.fromkeys(RECORDS.names) | {
        "record_id": record_id,
        "source": source,
        "name": name,
        "other_names": [],
        "is_register": source.endswith("register"),
        "is_synthetic": source.startswith("synthetic"),
        **fields,
    }


RECORDS_SHOWN = [
    record(
        "bis_entity_list:vw-1", "Victory Wave Holdings Limited", other_names=["榮滔控股有限公司"], country="HK",
        address="Unit 2401A, Park-In Commercial Centre, 56 Dundas Street, Mongkok", city="Hong Kong",
        known_since=dt.date(2010, 1, 13), phone="+852 2314 8778",
    ),
    record(
        "hk_register:1447829", "VICTORY WAVE LIMITED", other_names=["榮滔有限公司"], country="HK",
        registration_number="1447829", incorporation_date=dt.date(2010, 4, 23), phone="(852) 23148778",
    ),
    record("hk_register:1106906", "榮滔控股有限公司", country="HK", registration_number="1106906"),
    record(
        "synthetic_manifest:1", f"SHEN ZHEN SHI {IMAGE} ELECTRONICS CO., LTD", country="CN",
        address="Room 5, Futian, Shenzhen", is_synthetic=True,
    ),
    record(
        "synthetic_manifest:2", f"Shenzhenshi {HOSTILE} Electronic Co Ltd", country="CN",
        address="Rm 5 Fu Tian Shenzhen\u202e\u200b", is_synthetic=True,
    ),
    record("a_list:1", "ООО Ромашка", country="RU", registration_number="7722476458"),
    record("b_list:1", "Romashka LLC", country="Russia", registration_number="99"),
]  # fmt: skip
PAIRS: list[Pair] = [
    (
        "bis_entity_list:vw-1",
        "hk_register:1447829",
        0.48,
        "names agree but for HOLDINGS (+5); formed after the other was known (-6)",
    ),
    ("synthetic_manifest:1", "synthetic_manifest:2", 0.61, f"joined words agree; {IMAGE} differs (-1)"),
    ("a_list:1", "b_list:1", 0.30, "names agree when transliterated"),
    ("bis_entity_list:vw-1", "hk_register:1106906", 0.90, "Chinese names are equal"),
    ("a_list:1", "hk_register:1106906", 0.001, "nothing in common"),
]
CLUSTERS = [("bis_entity_list:vw-1", "bp-1"), ("hk_register:1106906", "bp-1")]

MakeRelease = Callable[..., Path]


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    for row in rows:
        con.execute(f"insert into {table} values ({', '.join('?' * len(row))})", list(row))


def write_release(
    data_dir: Path, run_id: str, pairs: Iterable[Pair] = tuple(PAIRS), records: Iterable[Record] = tuple(RECORDS_SHOWN)
) -> Path:
    """Build and point to a release of the given pairs. ``resolution`` builds the tables from its own schemas."""
    path = data_dir / "releases" / f"warehouse-{run_id}.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = list(records)
    with duckdb.connect(str(path)) as con:
        con.execute((SCHEMA / "meta.sql").read_text())
        con.execute((SCHEMA / "staging.sql").read_text())
        con.execute(TABLES)
        for name, schema in (
            ("resolution_input", RECORDS), ("scored_pair", SCORED_PAIRS), ("cluster_member", CLUSTER_MEMBERS),
        ):  # fmt: skip
            empty = schema.empty_table()
            con.register("shape", empty)
            con.execute(f"create table resolved.{name} as from shape")
            con.unregister("shape")
        _insert(con, "meta.run(run_id, started_at, status, code_version, settings)",
                [(run_id, dt.datetime(2026, 1, 1), "published", "test", "{}")])  # fmt: skip
        _insert(con, "meta.source", [
            ("bis_entity_list", "BIS Entity List", "US Bureau of Industry and Security", "public domain", None,
             "daily", False, False, False, "0" * 64),
        ])  # fmt: skip
        _insert(con, "resolved.resolution_input", [tuple(row[name] for name in RECORDS.names) for row in rows])
        for row in rows:
            names = [(row["name"], "primary"), *((name, "alias") for name in row["other_names"])]  # type: ignore[attr-defined]
            _insert(con, "core.record_name", [(row["record_id"], name, kind, None, 1, 1) for name, kind in names])
        _insert(con, "core.record_address", [
            (row["record_id"], row["address"], row["city"], None, None, row["country"], "listed", 1, 1)
            for row in rows if row["address"]
        ])  # fmt: skip
        _insert(con, "core.listing", [
            ("bis_entity_list:vw-1", "Entity List", None, "75 FR 1701", dt.date(2010, 1, 13), "day", None, False,
             None, 1, 1),
        ])  # fmt: skip
        _insert(con, "resolved.scored_pair", [
            (left, right, probability, 0.9, "same script", ["rarest_tokens"], why)
            for left, right, probability, why in pairs
        ])  # fmt: skip
        _insert(con, "resolved.cluster_member", [(record_id, cluster, 0.9) for record_id, cluster in CLUSTERS])
    pointer = data_dir / f".current-{run_id}"
    pointer.symlink_to(Path("releases") / path.name)
    pointer.replace(data_dir / "current.duckdb")
    return path


@pytest.fixture
def make_release() -> MakeRelease:
    """``make_release(data_dir, run_id, pairs=..., records=...)`` publishes a tiny release."""
    return write_release


@pytest.fixture(scope="session")
def first_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once; tests get copies."""
    folder = tmp_path_factory.mktemp("first_world")
    write_release(folder, "run-1")
    return folder


@pytest.fixture
def data_dir(tmp_path: Path, first_world: Path) -> Path:
    """A data directory whose current release is ``run-1``."""
    return shutil.copytree(first_world, tmp_path / "data", symlinks=True)


@pytest.fixture
def store(data_dir: Path) -> Iterable[JudgementStore]:
    """The judgement store of ``data_dir``, open for writing."""
    with JudgementStore(data_dir / "judgements.sqlite") as opened:
        yield opened
