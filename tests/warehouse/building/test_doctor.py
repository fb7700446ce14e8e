"""What the doctor says of healthy, empty and broken data directories."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from warehouse.doctor import as_lines, report
from warehouse.publishing.lock import builder_lock
from warehouse.publishing.release import begin_release, publish


@dataclass(frozen=True)
class Declaration:
    name: str
    title: str
    is_required: bool = False


NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(make_world, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("data")
    begin_release(data_dir, "run-1")
    world = make_world()
    world.con.execute(
        "insert into meta.run (run_id, started_at, finished_at, status, code_version, settings)"
        " values ('run-1', '2026-11-24', '2026-11-24 00:05', 'published', '0.1.0', '{}')"
    )
    world.con.execute("update meta.source_file set is_stale = true, stale_reason = 'HTTP 503' where source = 'bis'")
    publish(world.con, world.path, data_dir, "run-1")
    return data_dir


def test_a_published_warehouse_tells_its_release_last_run_and_the_age_of_each_source(published):
    found = report(published, [Declaration("hk", "Hong Kong register"), Declaration("new", "A new source")], NOW)
    assert found["last_run"]["run_id"] == "run-1"
    assert found["current_release"]["path"].endswith("warehouse-run-1.duckdb")
    by_name = {source["source"]: source for source in found["sources"]}
    assert by_name["hk"]["age_days"] == 2
    assert by_name["hk"]["title"] == "Hong Kong register"
    assert by_name["new"]["age_days"] is None
    assert by_name["bis"]["is_stale"]
    assert found["problems"] == ["source bis is stale: HTTP 503"]
    assert found["versions"]["duckdb"].startswith("1.5")


def test_a_required_source_that_is_missing_is_a_problem(published):
    found = report(published, [Declaration("ofac", "OFAC", is_required=True)], NOW)
    assert any("ofac is required" in problem for problem in found["problems"])


def test_an_empty_data_directory_is_told_to_refresh(tmp_path):
    found = report(tmp_path / "not" / "there")
    assert found["problems"] == ["nothing has been published yet; run a refresh"]
    assert "release    none yet" in as_lines(found)


def test_a_broken_release_is_a_problem_and_not_a_crash(tmp_path):
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "warehouse-x.duckdb").write_bytes(b"not a database" * 1000)
    (tmp_path / "current.duckdb").symlink_to("releases/warehouse-x.duckdb")
    assert any("cannot be read" in problem for problem in report(tmp_path)["problems"])


def test_an_interrupted_build_is_told_unless_a_builder_is_at_work(tmp_path):
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / ".build-run-9.duckdb").write_bytes(b"")
    assert any("interrupted" in problem for problem in report(tmp_path)["problems"])
    with builder_lock(tmp_path, "run-9"):
        found = report(tmp_path)
        assert found["builder"]["run_id"] == "run-9"
        assert not any("interrupted" in problem for problem in found["problems"])
    assert "builder    nobody" in as_lines(report(tmp_path))


def test_the_report_reads_as_text(published):
    text = "\n".join(as_lines(report(published, [], NOW)))
    assert "source     bis: 2.0 days old, stale: HTTP 503" in text
