"""Releases: immutable, never half, never in the way of a reader."""

import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from warehouse.connection import open_build, open_release
from warehouse.publishing.release import PublishError, begin_release, current_release, prune, publish, releases

ANSWER = "select number from mart.answer"

KILLED_BUILDER = """
import sys, time
from pathlib import Path
from warehouse.connection import open_build
from warehouse.publishing.lock import builder_lock
from warehouse.publishing.release import begin_release
data_dir = Path(sys.argv[1])
lock = builder_lock(data_dir, "killed")
con = open_build(begin_release(data_dir, "killed"), memory_limit="500MB")
con.execute("create schema mart; create table mart.answer as select 666 as number from range(100000)")
print("building", flush=True)
con.execute("create table mart.endless as select sum(a.i * b.i % 7) from range(3000000) a(i), range(3000000) b(i)")
"""


def test_a_published_release_answers_under_its_schema_and_without_it(publish_number, tmp_path):
    release = publish_number("run-1", 42)
    with open_release(tmp_path) as con:
        assert con.execute(ANSWER).fetchone() == (42,)
        assert con.execute("select number from answer").fetchone() == (42,)
    assert current_release(tmp_path) == release.resolve()


def test_a_release_is_read_only_and_leaves_nothing_beside_it(publish_number, tmp_path):
    release = publish_number("run-1", 42)
    assert stat.S_IMODE(release.stat().st_mode) == 0o444
    assert [path.name for path in (tmp_path / "releases").iterdir()] == ["warehouse-run-1.duckdb"]
    with open_release(tmp_path) as con, pytest.raises(duckdb.Error, match="read-only"):
        con.execute("insert into mart.answer values (1)")


def test_the_pointer_is_relative_so_the_data_directory_can_move(publish_number, tmp_path):
    publish_number("run-1", 42)
    assert not (tmp_path / "current.duckdb").readlink().is_absolute()


def test_a_reader_of_the_old_release_keeps_reading_it_even_after_it_was_pruned(publish_number, tmp_path):
    publish_number("run-1", 1)
    with open_release(tmp_path) as reader:
        publish_number("run-2", 2, keep=1)
        assert not (tmp_path / "releases" / "warehouse-run-1.duckdb").exists()
        assert reader.execute(ANSWER).fetchone() == (1,)
        with open_release(tmp_path) as newer:
            assert newer.execute(ANSWER).fetchone() == (2,)


def test_an_analyst_has_scratch_space_beside_the_release(publish_number, tmp_path):
    publish_number("run-1", 42)
    with open_release(tmp_path) as con:
        con.execute("create table memory.main.mine as select number + 1 as number from mart.answer")
        con.execute("create temp table yours as select 1")
        assert con.execute("select number from memory.main.mine").fetchone() == (43,)


def test_a_locked_down_reader_reaches_no_other_file(publish_number, tmp_path):
    publish_number("run-1", 42)
    with open_release(tmp_path, lock_down=True) as con:
        assert con.execute(ANSWER).fetchone() == (42,)
        for statement in ("select * from read_text('/etc/hostname')", "set enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                con.execute(statement)


def test_without_a_release_the_error_says_what_to_do(tmp_path):
    assert current_release(tmp_path) is None
    with pytest.raises(FileNotFoundError, match="run a refresh first"):
        open_release(tmp_path)


def test_a_pointer_to_a_missing_file_is_told_apart_from_no_release(publish_number, tmp_path):
    publish_number("run-1", 42).unlink()
    with pytest.raises(FileNotFoundError, match="re-point"):
        current_release(tmp_path)


def test_a_builder_killed_in_the_middle_leaves_the_release_readable_and_the_next_build_succeeds(
    publish_number, tmp_path
):
    publish_number("run-1", 1)
    builder = subprocess.Popen(
        [sys.executable, "-c", KILLED_BUILDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert builder.stdout is not None
    assert builder.stdout.readline() == b"building\n"
    with open_release(tmp_path) as con:  # a reader while the other builds
        assert con.execute(ANSWER).fetchone() == (1,)
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    builder.stdout.close()
    assert list((tmp_path / "releases").glob(".build-*"))
    with open_release(tmp_path) as con:
        assert con.execute(ANSWER).fetchone() == (1,)
    publish_number("run-2", 2)
    assert [path.name for path in (tmp_path / "releases").iterdir() if path.name.startswith(".")] == []
    with open_release(tmp_path) as con:
        assert con.execute(ANSWER).fetchone() == (2,)


def test_a_builder_killed_between_file_and_pointer_leaves_the_old_release_current(
    publish_number, tmp_path, monkeypatch
):
    publish_number("run-1", 1)

    def killed(self: Path, target: Path, target_is_directory: bool = False) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "symlink_to", killed)
        publish_number("run-2", 2)
    with open_release(tmp_path) as con:
        assert con.execute(ANSWER).fetchone() == (1,)
    publish_number("run-3", 3)
    with open_release(tmp_path) as con:
        assert con.execute(ANSWER).fetchone() == (3,)


def test_readers_during_publishing_always_see_one_whole_release_and_never_an_older_one(publish_number, tmp_path):
    publish_number("run-0", 0)
    seen, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            with open_release(tmp_path) as con:
                seen.append(con.execute(ANSWER).fetchone()[0])

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        for number in range(1, 8):
            publish_number(f"run-{number}", number, keep=3)
        stop.set()
        reading.result()
    assert len(seen) > 5
    assert seen == sorted(seen)


def test_a_failed_check_stops_publishing_and_names_the_rows(publish_number, tmp_path):
    publish_number("run-1", 1)
    path = begin_release(tmp_path, "run-2")
    con = open_build(path, memory_limit="500MB")
    con.execute((Path(__file__).parents[3] / "warehouse" / "schema" / "meta.sql").read_text(encoding="utf-8"))
    con.execute(
        """insert into meta.check_result values ('all_is_well', 'fail', 3, '{"id": 7}'), ('hm', 'warn', 9, null)"""
    )
    with pytest.raises(PublishError, match=r'1 failed checks: all_is_well: 3 rows, for example \{"id": 7\}'):
        publish(con, path, tmp_path, "run-2")
    with open_release(tmp_path) as reader:
        assert reader.execute(ANSWER).fetchone() == (1,)


def test_a_run_id_is_never_used_twice(publish_number, tmp_path):
    publish_number("run-1", 1)
    with pytest.raises(FileExistsError, match="run-1"):
        begin_release(tmp_path, "run-1")


@pytest.mark.parametrize("run_id", ["", "../evil", "a/b", ".hidden", "x" * 200, "nul\0"])
def test_a_run_id_that_is_no_file_name_is_refused(tmp_path, run_id):
    with pytest.raises(ValueError, match="run id"):
        begin_release(tmp_path, run_id)


def test_a_build_never_starts_on_an_existing_file(tmp_path):
    path = tmp_path / "x.duckdb"
    path.write_bytes(b"something")
    with pytest.raises(FileExistsError):
        open_build(path)


def test_the_newest_releases_are_kept_and_the_current_one_always(publish_number, tmp_path):
    for number in range(4):
        publish_number(f"run-{number}", number, keep=3)
    assert [path.name for path in releases(tmp_path)] == [f"warehouse-run-{n}.duckdb" for n in (1, 2, 3)]
    pointer = tmp_path / "current.duckdb"
    pointer.unlink()
    pointer.symlink_to("releases/warehouse-run-1.duckdb")
    prune(tmp_path, 1)
    assert [path.name for path in releases(tmp_path)] == ["warehouse-run-1.duckdb", "warehouse-run-3.duckdb"]
    with pytest.raises(ValueError, match="at least one"):
        prune(tmp_path, 0)


def test_a_data_directory_with_quotes_in_its_name_works(tmp_path, monkeypatch):
    odd = tmp_path / 'o\'hara "data"; drop'
    path = begin_release(odd, "run-1")
    con = open_build(path, memory_limit="500MB")
    con.execute((Path(__file__).parents[3] / "warehouse" / "schema" / "meta.sql").read_text(encoding="utf-8"))
    con.execute("create schema mart; create table mart.answer as select 7 as number")
    publish(con, path, odd, "run-1")
    with open_release(odd) as reader:
        assert reader.execute(ANSWER).fetchone() == (7,)


def test_nothing_is_fetched_when_an_extension_is_missing(publish_number, tmp_path):
    publish_number("run-1", 1)
    with open_release(tmp_path) as con:
        settings = dict(con.execute("select name, value from duckdb_settings() where name like 'auto%'").fetchall())
    assert settings["autoinstall_known_extensions"] == "false"
    assert settings["autoload_known_extensions"] == "false"
