"""Truncated, mis-encoded, empty and HTML deliveries of each format: told or quarantined, never silent, never fatal."""

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from flows.refreshing import refresh_warehouse
from flows.settings import load_settings
from warehouse.connection import open_release
from warehouse.publishing.release import current_release

QUICKSTART = Path(__file__).parent.parent.parent / "examples" / "quickstart"

SETTINGS = """
data_directory = "data"
as_of = 2026-11-24
[sources.list]
definition = "us_bis_entity_list"
is_synthetic = true
address = { entity_list = "files/list.csv" }
minimum_rows = { entity_list = 1 }
[sources.register]
definition = "hk_companies"
is_synthetic = true
address = { company = "files/register.parquet" }
[sources.lei]
definition = "gleif_lei"
is_synthetic = true
address = { lei = "files/lei.json" }
minimum_rows = { lei = 1 }
[sources.packed]
definition = "us_bis_entity_list"
is_synthetic = true
address = { entity_list = "files/packed.csv.gz" }
minimum_rows = { entity_list = 1 }
"""
FILES = {"list": "list.csv", "register": "register.parquet", "lei": "lei.json", "packed": "packed.csv.gz"}

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[: int(len(content) * 0.6)],
    "in another encoding": lambda content: content[:200] + "É".encode("latin-1") * 3 + content[200:],
    "in UTF-16": lambda content: content.decode("utf-8", "replace").encode("utf-16"),
    "empty": lambda content: b"",
    "HTML": lambda content: b"<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>\n",
    "full of NULs": lambda content: content[:300] + b"\0" * 5000 + content[300:],
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A settings file and one small good delivery of each format."""
    files = tmp_path / "files"
    files.mkdir()
    listed = (QUICKSTART / "synthetic" / "entity_list.csv").read_bytes()
    (files / "list.csv").write_bytes(listed)
    (files / "packed.csv.gz").write_bytes(gzip.compress(listed))
    (files / "register.parquet").write_bytes((QUICKSTART / "synthetic" / "companies.parquet").read_bytes())
    with gzip.open(QUICKSTART / "real" / "gleif_lei2_2024-05-05.json.gz") as packed:
        records = json.load(packed)["records"][:20]
    (files / "lei.json").write_text(json.dumps({"records": records}), encoding="utf-8")
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.mark.parametrize("source", FILES)
def test_a_damaged_delivery_is_told_and_the_run_goes_on_with_what_was_landed_before(world: Path, source: str) -> None:
    settings = load_settings(world)
    refresh_warehouse(settings)
    place = world.parent / "files" / FILES[source]
    good = place.read_bytes()
    for damage, spoil in DAMAGE.items():
        place.write_bytes(spoil(good))
        before = current_release(settings.data_directory)
        run = refresh_warehouse(settings)
        assert run.release != before
        with closing(open_release(settings.data_directory)) as release:
            kept, quarantined, stale = release.execute(
                "select sum(row_count_kept), sum(row_count_quarantined), bool_or(is_stale)"
                " from meta.source_file where source = ?",
                [source],
            ).fetchall()[0]
            rejected = release.execute(
                "select count(*), bool_and(length(reason) > 10) from meta.rejected_row join meta.source_file"
                " using (file_id) where source = ?",
                [source],
            ).fetchall()[0]
        told = stale and any(source in warning for warning in run.warnings)
        assert told or (quarantined and rejected[1]), f"{source} {damage}: neither told nor quarantined"
        assert kept > 0, f"{source} {damage}: nothing stood in for the damaged delivery"


@pytest.mark.parametrize("source", FILES)
def test_a_damaged_first_delivery_leaves_that_source_out_and_says_so(world: Path, source: str) -> None:
    settings = load_settings(world)
    place = world.parent / "files" / FILES[source]
    place.write_bytes(DAMAGE["HTML"](b""))
    run = refresh_warehouse(settings)
    assert any(source in warning and "HTML" in warning for warning in run.warnings)
    with closing(open_release(settings.data_directory)) as release:
        loaded = {name for (name,) in release.execute("select source from meta.source").fetchall()}
    assert loaded == set(FILES) - {source}
