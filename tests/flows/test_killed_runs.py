"""SIGKILL at every stage: the previous release stays readable, and the next run succeeds."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from flows.stages import REFRESH
from warehouse.connection import open_release
from warehouse.publishing.lock import lock_holder
from warehouse.publishing.release import current_release

REPOSITORY = Path(__file__).parent.parent.parent


def kill_at(stage: str, settings: Path) -> None:
    """Start a refresh and kill it as soon as it says that ``stage`` begins."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "flows.cli", "refresh", "-s", str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith(f"{stage} …"):
            process.send_signal(signal.SIGKILL)
            break
    else:
        raise AssertionError(f"the run ended without saying that {stage} begins")
    process.stderr.close()
    assert process.wait(timeout=30) == -signal.SIGKILL


def leads(data: Path) -> list[tuple[object, ...]]:
    with closing(open_release(data)) as release:
        return release.execute("select lead_id, rank, why from mart.lead order by rank").fetchall()


def test_a_run_killed_at_any_stage_harms_nothing(tiny_settings: Path, brassplate: Callable, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert brassplate("refresh", "-s", tiny_settings, "-q").returncode == 0
    release, before = current_release(data), leads(data)
    for stage, _ in REFRESH:
        kill_at(stage, tiny_settings)
        assert current_release(data) == release, stage
        assert leads(data) == before, stage
        assert lock_holder(data) is None, stage
    done = brassplate("refresh", "-s", tiny_settings, "-q")
    assert done.returncode == 0, done.stderr
    assert current_release(data) != release
    assert leads(data) == before
    assert not list((data / "releases").glob(".build-*"))
