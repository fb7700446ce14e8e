"""Whole runs on the tiny synthetic world, through the command line, as an operator performs them."""

import csv
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from warehouse.connection import open_release
from warehouse.publishing.lock import builder_lock
from warehouse.publishing.release import current_release

PLANTED = {
    "ORSEVIN SYSTEMS LIMITED",
    "QORVEXA (HK) LIMITED",
    "KESTRALUNE TRADE LIMITED",
    "PELLUCERA TRADE LIMITED",
    "DROSSENE ELECTRONICS LIMITED",
    "ARDOVANE IMPORTS LLC",
}
INNOCENT = {"MERIDOXA FOODS LIMITED", "CALVESTRA DATA CENTRES LIMITED", "TOLMERIN PLASTICS LIMITED"}


def leads(data: Path) -> list[tuple[str, bool, str]]:
    with closing(open_release(data)) as release:
        return release.execute("select name, is_synthetic, lead_id from mart.lead order by rank").fetchall()


def test_the_planted_schemes_lead_and_every_lead_is_marked_synthetic(
    tiny_settings: Path, brassplate: Callable, tmp_path: Path
) -> None:
    done = brassplate("refresh", "-s", tiny_settings, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["release"] == str(current_release(tmp_path / "data"))
    found = leads(tmp_path / "data")
    names = [name for name, _, _ in found]
    assert set(names) >= PLANTED
    assert all(is_synthetic for _, is_synthetic, _ in found)
    strongest = names[: len(PLANTED) + 2]
    assert not set(strongest) & INNOCENT


def test_every_row_that_comes_from_a_synthetic_source_carries_the_mark(
    tiny_settings: Path, brassplate: Callable, tmp_path: Path
) -> None:
    assert brassplate("refresh", "-s", tiny_settings, "-q").returncode == 0
    with closing(open_release(tmp_path / "data")) as release:
        tables = release.execute(
            "select schema_name || '.' || table_name from duckdb_columns() where database_name = 'brassplate'"
            " and column_name = 'is_synthetic' and schema_name in ('core', 'resolved', 'indicator', 'mart')"
        ).fetchall()
        assert len(tables) > 15
        for (table,) in tables:
            unmarked = release.sql(f"select count(*) from {table} where not is_synthetic").fetchall()
            assert unmarked == [(0,)], table


def test_the_same_input_twice_gives_the_same_canonical_ids_and_leads(
    tiny_settings: Path, brassplate: Callable, tmp_path: Path
) -> None:
    members = "select record_id, canonical_id from resolved.cluster_member order by all"
    seen = []
    for _ in range(2):
        assert brassplate("refresh", "-s", tiny_settings, "-q").returncode == 0
        with closing(open_release(tmp_path / "data")) as release:
            seen.append((release.execute(members).fetchall(), release.execute("from mart.lead").fetchall()))
            events = release.execute("select event, count(*) from resolved.cluster_event group by event").fetchall()
    assert seen[0] == seen[1]
    assert events == []


def test_explain_walks_a_lead_to_lines_that_stand_in_the_landed_files(
    tiny_settings: Path, brassplate: Callable, tmp_path: Path
) -> None:
    assert brassplate("refresh", "-s", tiny_settings, "-q").returncode == 0
    lead_id = next(lead for name, _, lead in leads(tmp_path / "data") if name == "QORVEXA (HK) LIMITED")
    done = brassplate("explain", lead_id, "-s", tiny_settings)
    assert done.returncode == 0, done.stderr
    with closing(open_release(tmp_path / "data")) as release:
        rows = release.execute(
            "select path, line, sha256 from mart.lead_evidence where lead_id = ? and source = 'synthetic_entity_list'",
            [lead_id],
        ).fetchall()
    assert rows
    for path, line, sha256 in rows:
        assert sha256[:12] in done.stdout
        lines = (tmp_path / "data" / path).read_text(encoding="utf-8").splitlines()
        assert "Qorvexa" in next(csv.reader([lines[line - 1]]))[4]


def test_explaining_an_unknown_id_is_a_wrong_request(tiny_settings: Path, brassplate: Callable) -> None:
    assert brassplate("explain", "lead-0", "-s", tiny_settings).returncode == 2  # no release yet
    assert brassplate("refresh", "-s", tiny_settings, "-q").returncode == 0
    done = brassplate("explain", "lead-0", "-s", tiny_settings)
    assert done.returncode == 2
    assert "nothing named 'lead-0'" in done.stderr


def test_a_source_that_fails_keeps_its_last_landed_file_and_the_run_says_so(
    tiny_settings: Path, brassplate: Callable, tmp_path: Path
) -> None:
    world = tmp_path / "world"
    shutil.copytree(Path(__file__).parent.parent.parent / "examples" / "quickstart" / "synthetic", world)
    text = tiny_settings.read_text(encoding="utf-8")
    place = text.split('company = "')[1].split("/companies.parquet")[0]
    tiny_settings.write_text(text.replace(place, world.as_posix()), encoding="utf-8")
    assert brassplate("refresh", "-s", tiny_settings, "-q").returncode == 0
    before = leads(tmp_path / "data")
    (world / "companies.parquet").unlink()
    (world / "entity_list.csv").write_text("<!DOCTYPE html><title>Sign in</title>", encoding="utf-8")
    done = brassplate("refresh", "-s", tiny_settings, "--json")
    assert done.returncode == 0, done.stderr
    warnings = "\n".join(json.loads(done.stdout)["warnings"])
    assert "synthetic_companies" in warnings
    assert "synthetic_entity_list" in warnings
    assert "HTML" in warnings
    assert leads(tmp_path / "data") == before
    with closing(open_release(tmp_path / "data")) as release:
        stale = release.execute(
            "select source from meta.source_file where is_stale group by source order by source"
        ).fetchall()
    assert stale == [("synthetic_companies",), ("synthetic_entity_list",)]


def test_a_required_source_that_never_landed_stops_the_run_before_anything_is_built(
    tiny_settings: Path, brassplate: Callable, tmp_path: Path
) -> None:
    text = tiny_settings.read_text(encoding="utf-8").replace("entity_list.csv", "absent.csv")
    tiny_settings.write_text(text, encoding="utf-8")
    done = brassplate("refresh", "-s", tiny_settings)
    assert done.returncode == 1
    assert "synthetic_entity_list" in done.stderr
    assert not list((tmp_path / "data").glob("releases/*"))


def test_a_second_builder_is_told_who_holds_the_lock(tiny_settings: Path, brassplate: Callable, tmp_path: Path) -> None:
    with builder_lock(tmp_path / "data", "run-of-the-test"):
        done = brassplate("refresh", "-s", tiny_settings)
    assert done.returncode == 2
    assert "run-of-the-test" in done.stderr


@pytest.mark.parametrize("command", ["refresh", "doctor"])
def test_wrong_settings_are_a_wrong_request(tmp_path: Path, brassplate: Callable, command: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("colour = 1", encoding="utf-8")
    done = brassplate(command, "-s", path)
    assert done.returncode == 2
    assert "colour: unknown key" in done.stderr


def test_doctor_reports_release_run_and_sources(tiny_settings: Path, brassplate: Callable) -> None:
    before = brassplate("doctor", "-s", tiny_settings, "--json")
    assert before.returncode == 0
    assert json.loads(before.stdout)["current_release"] is None
    assert brassplate("refresh", "-s", tiny_settings, "-q").returncode == 0
    told = json.loads(brassplate("doctor", "-s", tiny_settings, "--json").stdout)
    assert told["current_release"]
    assert told["versions"]["duckdb"].startswith("1.5.")
    assert {source["source"] for source in told["sources"]} >= {"synthetic_entity_list", "synthetic_manifest"}
