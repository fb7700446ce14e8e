"""What lies in the landing folder, and what a pull brought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class LandedFile:
    """One file of one table, stored once, never changed.

    ``path`` is absolute; ``retrieved_at`` is UTC; ``etag`` and ``last_modified`` are the server's, if any.
    """

    source: str
    table: str
    address: str
    path: Path
    sha256: str
    byte_count: int
    retrieved_at: datetime
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Delivery:
    """The files that made up one table on one day.

    ``stale_reason``: set when a later pull failed and this earlier delivery stands in for it.
    """

    table: str
    files: tuple[LandedFile, ...]
    retrieved_at: datetime
    checked_at: datetime
    stale_reason: str | None = None


@dataclass(frozen=True)
class PullFailure:
    """A table that could not be pulled: what was expected, found, where, and what to do."""

    table: str
    address: str | None
    reason: str


@dataclass(frozen=True)
class PullResult:
    """What is at hand of one source after a pull.

    ``deliveries`` holds every landed delivery per table, newest first, so that a loader may fall back. A table
    whose pull failed is in ``failures``; with no earlier delivery it is missing from ``deliveries``.
    """

    source: str
    deliveries: Mapping[str, tuple[Delivery, ...]] = field(default_factory=dict)
    failures: tuple[PullFailure, ...] = ()
    missing: tuple[str, ...] = ()  # tables that must be there, never landed: the source cannot be loaded
    unchanged: tuple[str, ...] = ()  # tables whose files are those of the last pull

    @property
    def is_loadable(self) -> bool:
        """Is every table that is not optional at hand, fresh or stale?"""
        return not self.missing and bool(self.deliveries)

    @property
    def files(self) -> tuple[LandedFile, ...]:
        """The files of the newest delivery of each table."""
        return tuple(file for found in self.deliveries.values() for file in found[0].files)
