"""Releases: immutable files with names that are never used twice, and one symlink to the current one.

A reader attaches the file the symlink points to and keeps it for as long as it likes; publishing only adds a
file and re-points the symlink, so readers never block a builder nor see half a release. A builder that dies
leaves a private ``.build-`` file, which the next one removes.

Never ``open()`` a DuckDB file in a process that has it open: closing the handle drops DuckDB's own lock.
"""

import os
import re
import shutil
from pathlib import Path

import duckdb

CURRENT = "current.duckdb"
RELEASES = "releases"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class PublishError(RuntimeError):
    """The file is not fit to be published; the previous release stays current."""


def begin_release(data_dir: Path, run_id: str) -> Path:
    """The private path on which to build; what killed builds left behind is removed first.

    Call it while holding the builder's lock.

    Raises:
        ValueError: ``run_id`` cannot be part of a file name.
        FileExistsError: a release of that run exists.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise ValueError(f"expected a run id of letters, digits, '.', '_', '-' (at most 100), found {run_id!r}")
    folder = data_dir / RELEASES
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in [*folder.glob(".build-*"), *data_dir.glob(".current-*")]:
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
    if _release_path(data_dir, run_id).exists():
        raise FileExistsError(f"expected a new run id, found a release of run {run_id!r}; names are never reused")
    return folder / f".build-{run_id}.duckdb"


def publish(con: duckdb.DuckDBPyConnection, build_path: Path, data_dir: Path, run_id: str, *, keep: int = 5) -> Path:
    """Close the build and make it the current release; returns its path.

    The connection is closed in any case. Everything is on disk before the symlink moves, so a crash or power
    cut leaves either the old release current or the new one, complete. The last ``keep`` releases stay.

    Raises:
        PublishError: a check of severity ``fail`` found rows, or the file could not be closed cleanly.
    """
    try:
        _refuse_failed_checks(con)
        con.execute("checkpoint")
    finally:
        con.close()
    wal = build_path.with_name(build_path.name + ".wal")
    if wal.exists():
        raise PublishError(f"expected every change inside {build_path}, found {wal}; another connection is still open")
    release = _release_path(data_dir, run_id)
    if release.exists():
        raise FileExistsError(f"expected no release at {release}, found one; names are never reused")
    shutil.rmtree(build_path.with_name(build_path.name + ".tmp"), ignore_errors=True)  # where the build spilled to
    _sync(build_path)
    build_path.chmod(0o444)
    build_path.rename(release)
    _sync(release.parent)
    pointer = data_dir / f".current-{run_id}"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(Path(RELEASES) / release.name)
    pointer.replace(data_dir / CURRENT)
    _sync(data_dir)
    prune(data_dir, keep)
    return release


def current_release(data_dir: Path) -> Path | None:
    """The real path of the current release, or ``None`` before the first one.

    Raises:
        FileNotFoundError: the symlink points to a file that is gone.
    """
    pointer = data_dir / CURRENT
    if not pointer.is_symlink():
        return None
    release = pointer.resolve()
    if not release.is_file():
        raise FileNotFoundError(
            f"expected the release that {pointer} points to, found no file at {release}; "
            f"re-point the symlink to one of {data_dir / RELEASES}, or run a refresh"
        )
    return release


def releases(data_dir: Path) -> list[Path]:
    """Every release in the data directory, oldest first."""
    found = (data_dir / RELEASES).glob("warehouse-*.duckdb")
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def prune(data_dir: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` releases, never the current one; returns what was deleted.

    Readers that still hold a deleted release keep reading it until they close it.
    """
    if keep < 1:
        raise ValueError(f"expected to keep at least one release, found keep={keep}")
    current = current_release(data_dir)
    doomed = [path for path in releases(data_dir)[:-keep] if path.resolve() != current]
    for path in doomed:
        path.unlink()
    return doomed


def _refuse_failed_checks(con: duckdb.DuckDBPyConnection) -> None:
    failed = con.execute(
        "select check_name, offending_count, example from meta.check_result"
        " where severity = 'fail' and offending_count > 0 order by check_name"
    ).fetchall()
    if failed:
        said = "; ".join(f"{name}: {count} rows, for example {example}" for name, count, example in failed)
        raise PublishError(f"expected no offending rows, found {len(failed)} failed checks: {said}")


def _release_path(data_dir: Path, run_id: str) -> Path:
    return data_dir / RELEASES / f"warehouse-{run_id}.duckdb"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
