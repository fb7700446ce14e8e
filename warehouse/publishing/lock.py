"""One builder at a time.

The lock is held by the operating system (``flock``), not by the existence of a file: a builder that is killed
leaves nothing to clean up. The file only says who holds it.
"""

import fcntl
import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

LOCK_NAME = ".builder.lock"


@dataclass(frozen=True)
class Holder:
    """Who is building: process id, host, run and since when (UTC, ISO 8601)."""

    pid: int
    host: str
    run_id: str
    since: str


class BuilderBusy(RuntimeError):  # noqa: N818 - it names a state, not a fault
    """Another process is building in this data directory."""


class BuilderLock:
    """The right to build in one data directory; a context manager, released at exit or death."""

    def __init__(self, file: IO[str], path: Path, holder: Holder) -> None:
        self._file = file
        self.path = path
        self.holder = holder

    def release(self) -> None:
        """Give the lock back; harmless when repeated."""
        if not self._file.closed:
            self._file.truncate(0)
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def builder_lock(data_dir: Path, run_id: str = "") -> BuilderLock:
    """Take the builder's lock of a data directory at once, or say who holds it.

    Raises:
        BuilderBusy: another process holds it; names its process id, run and start.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / LOCK_NAME
    file = path.open("a+", encoding="utf-8")
    if not _try_exclusive(file):
        with file:
            found = _read_holder(file)
        who = f"process {found.pid} on {found.host}, run {found.run_id!r}, since {found.since}" if found else "unnamed"
        raise BuilderBusy(
            f"expected to be the only builder in {data_dir}, found another ({who}); "
            "wait for it to end, or stop that process: its lock ends with it"
        )
    holder = Holder(os.getpid(), socket.gethostname(), run_id, datetime.now(UTC).isoformat(timespec="seconds"))
    file.truncate(0)
    json.dump(asdict(holder), file)
    file.flush()
    return BuilderLock(file, path, holder)


def lock_holder(data_dir: Path) -> Holder | None:
    """Who is building right now; ``None`` when nobody is, even if a killed builder left its name behind."""
    path = data_dir / LOCK_NAME
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(file)
    return None


def _try_exclusive(file: IO[str]) -> bool:
    """Try a few times: whoever asks for the holder shares the lock for an instant."""
    for attempt in range(5):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02 * attempt)
        else:
            return True
    return False


def _read_holder(file: IO[str]) -> Holder | None:
    file.seek(0)
    try:
        said = json.load(file)
        return Holder(int(said["pid"]), str(said["host"]), str(said["run_id"]), str(said["since"]))
    except (ValueError, KeyError, TypeError):  # held, but its name is not written yet
        return None
