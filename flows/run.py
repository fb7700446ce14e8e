"""One run of refresh: what its stages share, and the conductor that calls them in order.

The same stages run under the command line (plainly) and under Prefect (each as a task): the caller says how
one stage is performed, this module says which stages there are.
"""

import json
import resource
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from flows.settings import Settings


@dataclass
class Stage:
    """What a stage did: a line for people, and how many rows it was about."""

    name: str
    started_at: datetime
    seconds: float = 0.0
    row_count: int | None = None
    detail: str = ""
    peak_memory_mb: float = 0.0


@dataclass
class Run:
    """The state of one run. A stage reads what earlier stages left here and leaves its own."""

    settings: Settings
    run_id: str
    started_at: datetime
    as_of: date
    progress: Callable[[str], None]
    """Told a line at a time what is going on inside a stage."""
    stages: list[Stage] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    pulled: dict[str, Any] = field(default_factory=dict)
    connection: duckdb.DuckDBPyConnection | None = None
    build_path: Path | None = None
    previous_run_id: str | None = None
    model_id: str | None = None
    judgement_count: int = 0
    release: Path | None = None

    @property
    def data_directory(self) -> Path:
        return self.settings.data_directory

    @property
    def warehouse(self) -> duckdb.DuckDBPyConnection:
        if self.connection is None:
            raise RuntimeError("this stage needs the build file; no earlier stage has opened it")
        return self.connection


def new_run(settings: Settings, progress: Callable[[str], None]) -> Run:
    """A run with a fresh id: the UTC start and four random characters, so that file names are never reused."""
    started_at = datetime.now(UTC)
    run_id = f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    return Run(settings, run_id, started_at, settings.as_of or started_at.date(), progress)


StageFunction = Callable[[Run], tuple[int | None, str]]
Performer = Callable[[str, Callable[[], Stage]], Stage]


def perform(
    run: Run,
    stages: tuple[tuple[str, StageFunction], ...],
    performer: Performer = lambda _name, function: function(),
    status: Callable[[str], AbstractContextManager[Any]] = lambda _name: nullcontext(),
) -> Run:
    """Perform ``stages`` in order through ``performer``, keeping the time and memory each took."""
    for name, function in stages:
        with status(name):
            run.stages.append(performer(name, lambda name=name, function=function: _timed(run, name, function)))
    return run


def _timed(run: Run, name: str, function: StageFunction) -> Stage:
    stage = Stage(name, datetime.now(UTC))
    began = time.perf_counter()
    stage.row_count, stage.detail = function(run)
    stage.seconds = time.perf_counter() - began
    stage.peak_memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return stage


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
