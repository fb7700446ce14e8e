"""What state the warehouse is in: versions, paths, release, lock, last run, and how old each source is."""

import platform
import shutil
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import duckdb

from warehouse.connection import open_release
from warehouse.publishing.lock import lock_holder
from warehouse.publishing.release import RELEASES, current_release, releases

Report = dict[str, Any]


class Declared(Protocol):
    """A declared source, as ``warehouse.loading`` reads it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def is_required(self) -> bool: ...


def report(data_dir: Path, declared: Iterable[Declared] = (), now: datetime | None = None) -> Report:
    """Everything an operator asks first, as plain dictionaries fit for JSON.

    ``problems`` holds one sentence for each thing that needs a person, each saying what to do. Never raises for a
    broken data directory: that is what it is asked about.
    """
    now = now or datetime.now(UTC)
    problems: list[str] = []
    release = _current(data_dir, problems)
    run, files = _read_release(data_dir, problems) if release else (None, [])
    holder = lock_holder(data_dir)
    leftovers = [path.name for path in (data_dir / RELEASES).glob(".build-*.duckdb")]
    if leftovers and holder is None:
        problems.append(f"a build was interrupted ({', '.join(sorted(leftovers))}); the next refresh removes it")
    return {
        "versions": _versions(),
        "data_directory": str(data_dir.absolute()),
        "free_gb": round(shutil.disk_usage(_existing(data_dir)).free / 1e9, 1),
        "current_release": _release_facts(release) if release else None,
        "releases": [path.name for path in releases(data_dir)],
        "builder": vars(holder) if holder else None,
        "last_run": run,
        "sources": _sources(files, list(declared), now, problems),
        "problems": problems,
    }


def as_lines(found: Report) -> list[str]:
    """The report for a terminal."""
    release, run, builder = found["current_release"], found["last_run"], found["builder"]
    lines = ["versions   " + ", ".join(f"{name} {number}" for name, number in found["versions"].items())]
    lines.append(f"data       {found['data_directory']} ({found['free_gb']} GB free)")
    lines.append(f"release    {release['path']} ({release['megabytes']} MB)" if release else "release    none yet")
    lines.append(f"kept       {len(found['releases'])} release(s)")
    if run:
        lines.append(f"last run   {run['run_id']}, finished {run['finished_at']}, code {run['code_version']}")
    lines.append(f"builder    process {builder['pid']} since {builder['since']}" if builder else "builder    nobody")
    for source in found["sources"]:
        age = f"{source['age_days']:.1f} days old" if source["age_days"] is not None else "not in the release"
        stale = f", stale: {source['stale_reason']}" if source["is_stale"] else ""
        lines.append(f"source     {source['source']}: {age}{stale}")
    lines += [f"problem    {problem}" for problem in found["problems"]] or ["problems   none"]
    return lines


def _current(data_dir: Path, problems: list[str]) -> Path | None:
    try:
        release = current_release(data_dir)
    except FileNotFoundError as error:
        problems.append(str(error))
        return None
    if release is None:
        problems.append("nothing has been published yet; run a refresh")
    return release


def _read_release(data_dir: Path, problems: list[str]) -> tuple[Report | None, list[Report]]:
    try:
        with closing(open_release(data_dir)) as con:
            run = _rows(con, "select * from meta.run order by started_at desc limit 1")
            files = _rows(
                con,
                "select source, max(retrieved_at) as retrieved_at, bool_or(is_stale) as is_stale,"
                " any_value(stale_reason) as stale_reason, sum(row_count_kept)::bigint as row_count_kept,"
                " sum(row_count_quarantined)::bigint as row_count_quarantined"
                " from meta.source_file group by source order by source",
            )
    except duckdb.Error as error:
        problems.append(f"the current release cannot be read ({error}); re-point the symlink or run a refresh")
        return None, []
    return (run[0] if run else None), files


def _sources(files: list[Report], declared: list[Declared], now: datetime, problems: list[str]) -> list[Report]:
    found = {row["source"]: row for row in files}
    names = sorted(found.keys() | {source.name for source in declared})
    titles = {source.name: source.title for source in declared}
    answer = []
    for name in names:
        row = found.get(name, {})
        at = row.get("retrieved_at")
        age = (now.replace(tzinfo=None) - at).total_seconds() / 86400 if at else None
        if row.get("is_stale"):
            problems.append(f"source {name} is stale: {row['stale_reason']}")
        answer.append(
            {
                "source": name,
                "title": titles.get(name),
                "is_declared": name in titles,
                "age_days": age,
                "retrieved_at": at,
                "is_stale": bool(row.get("is_stale")),
                "stale_reason": row.get("stale_reason"),
                "row_count_kept": row.get("row_count_kept"),
                "row_count_quarantined": row.get("row_count_quarantined"),
            }
        )
    problems += [
        f"source {source.name} is required but not in the release; see the last run's messages"
        for source in declared
        if source.is_required and files and source.name not in found
    ]
    return answer


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("brassplate", "duckdb", "pyarrow", "prefect", "dedupe"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _release_facts(release: Path) -> Report:
    return {"path": str(release), "megabytes": round(release.stat().st_size / 1e6)}


def _existing(path: Path) -> Path:
    return path if path.exists() or path == path.parent else _existing(path.parent)


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Report]:
    answer = con.execute(query)
    columns = [column[0] for column in answer.description]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
