"""One run of refresh: what its stages share, and the conductor that calls them in order.

The same stages run under the command line (plainly) and under Prefect (each as a task): the caller says how
one stage is performed, this module says which stages there are.
"""

import json
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from flows.settings import Settings
from warehouse.building.stage import Stage, peak_memory_mb
from warehouse.landing.landed import PullResult
from warehouse.loading.declaration import Source


@dataclass
class Run:
    """The state of one run. A stage reads what earlier stages left here and leaves its own."""

    settings: Settings
    run_id: str
    started_at: datetime
    as_of: date
    tell: Callable[[str], None]
    """Told a line when something is done or must be known."""
    note: Callable[[str], None] = lambda _line: None
    """Told what is going on right now; shown while it lasts."""
    stages: list[Stage] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    pulled: list[tuple[Source, PullResult]] = field(default_factory=list)
    connection: duckdb.DuckDBPyConnection | None = None
    build_path: Path | None = None
    previous_run_id: str | None = None
    model_id: str | None = None
    judgement_count: int = 0
    release: Path | None = None

    def warn(self, line: str) -> None:
        """Something the operator must know although the run goes on."""
        self.warnings.append(line)
        self.tell(f"warning: {line}")

    @property
    def data_directory(self) -> Path:
        return self.settings.data_directory

    @property
    def warehouse(self) -> duckdb.DuckDBPyConnection:
        if self.connection is None:
            raise RuntimeError("this stage needs the build file; no earlier stage has opened it")
        return self.connection


def new_run(settings: Settings, tell: Callable[[str], None], note: Callable[[str], None] = lambda _line: None) -> Run:
    """A run with a fresh id: the UTC start and four random characters, so that file names are never reused."""
    started_at = datetime.now(UTC)
    run_id = f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    return Run(settings, run_id, started_at, settings.as_of or started_at.date(), tell, note)


StageFunction = Callable[[Run], tuple[int | None, str]]
Performer = Callable[[str, Callable[[], Stage]], Stage]


def perform(
    run: Run,
    stages: tuple[tuple[str, StageFunction], ...],
    performer: Performer = lambda _name, function: function(),
    step: Callable[[str], AbstractContextManager[Any]] = lambda _name: nullcontext(),
) -> Run:
    """Perform ``stages`` in order through ``performer``, keeping the time and memory each took.

    An exception ends the run; the build file is closed and left private, the next run removes it.
    """
    try:
        for name, function in stages:
            with step(name):
                stage = performer(name, partial(_timed, run, name, function))
            run.stages.append(stage)
            run.tell(f"{name}: {stage.detail} ({stage.seconds:.1f} s)")
    finally:
        if run.connection is not None:
            run.connection.close()
            run.connection = None
    return run


def _timed(run: Run, name: str, function: StageFunction) -> Stage:
    started_at, began = datetime.now(UTC), time.perf_counter()
    row_count, detail = function(run)
    return Stage(name, started_at, time.perf_counter() - began, row_count, peak_memory_mb(), detail)


def code_version() -> str:
    return version("brassplate")


def settings_json(settings: Settings) -> str:
    """The settings as kept in the release. Addresses may carry user names and passwords: they are cut out."""
    content = settings.model_dump(mode="json")
    for source in content["sources"].values():
        source["address"] = {table: without_credentials(place) for table, place in source["address"].items()}
    return json.dumps(content, sort_keys=True)


def without_credentials(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address
    host, slash, path = rest.partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path.partition("?")[0]
