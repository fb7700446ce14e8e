"""Where the time went: one row of ``meta.stage`` per stage, told to whoever listens."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Stage:
    """One finished stage. ``peak_memory_mb`` is the process's high-water mark so far, not the stage's own."""

    stage: str
    started_at: datetime
    seconds: float
    row_count: int | None
    peak_memory_mb: float | None
    detail: str | None = None


OnStage = Callable[[Stage], None]


class Stopwatch:
    """Times one stage and records it: ``watch = Stopwatch("core.listing"); …; watch.done(con, row_count)``."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._started_at = datetime.now(UTC)
        self._clock = time.perf_counter()

    def done(
        self,
        con: duckdb.DuckDBPyConnection,
        row_count: int | None = None,
        detail: str | None = None,
        on_stage: OnStage | None = None,
    ) -> Stage:
        """Write the stage to ``meta.stage`` and tell the listener."""
        seconds = time.perf_counter() - self._clock
        stage = Stage(self._stage, self._started_at, seconds, row_count, peak_memory_mb(), detail)
        con.execute(
            "insert into meta.stage by position values (?, ?, ?, ?, ?, ?)",
            [
                stage.stage,
                stage.started_at.replace(tzinfo=None),
                stage.seconds,
                row_count,
                stage.peak_memory_mb,
                detail,
            ],
        )
        if on_stage is not None:
            on_stage(stage)
        return stage


def peak_memory_mb() -> float | None:
    """Resident high-water mark of this process in MiB, where the system tells it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return None
