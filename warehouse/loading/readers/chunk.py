"""What every reader hands on, and how it says that a file cannot be read."""

from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

RAW_TEXT_LIMIT = 2_000
"""Characters of a rejected row that are kept."""

LEAST_ALLOWED_BAD_ROWS = 10
"""So many bad rows are quarantined whatever share of a small file they are."""

COLUMN_LIMIT = 2_000
"""A table wider than this is a misread file."""


class ReadFailure(Exception):  # noqa: N818 - it is an answer about a file, met in every run
    """A landed file cannot be used: what was expected, what was found, where, and what to do."""


class RejectedRow(NamedTuple):
    """A row set aside. ``line`` is the physical line, or the row number in formats without lines."""

    line: int | None
    reason: str
    raw_text: str


@dataclass
class Chunk:
    """Rows of one table.

    ``rows``: text columns named as published plus ``line`` (int64, first physical line of the row).
    """

    rows: pa.Table
    rejected: list[RejectedRow] = field(default_factory=list)


class BadRowWatch:
    """Fails a file once more of its rows are bad than its definition allows."""

    def __init__(self, path: str, allowed_share: float) -> None:
        self._path = path
        self._allowed_share = allowed_share
        self.read = 0
        self.rejected = 0
        self._reasons: dict[str, int] = {}

    def count(self, chunk: Chunk) -> None:
        """Add one chunk; raises ``ReadFailure`` when too many rows are bad for any later row to help."""
        self.read += chunk.rows.num_rows + len(chunk.rejected)
        self.rejected += len(chunk.rejected)
        for row in chunk.rejected:
            kind = row.reason.split(";")[0]
            self._reasons[kind] = self._reasons.get(kind, 0) + 1
        if self.rejected > max(LEAST_ALLOWED_BAD_ROWS, self._allowed_share * self.read):
            commonest = max(self._reasons, key=lambda reason: self._reasons[reason])
            raise ReadFailure(
                f"expected at most {self._allowed_share:.0%} bad rows in {self._path}; found {self.rejected} bad "
                f"among the first {self.read}, mostly: {commonest}. Check encoding, delimiter and header_row in "
                "the source definition, or raise bad_row_share if the publisher really writes such rows"
            )


def cut(text: str) -> str:
    """A rejected row's text, short enough to keep and without NUL."""
    return text[:RAW_TEXT_LIMIT].replace("\x00", "\\x00").rstrip("\r\n")


def unique_names(names: list[str]) -> list[str]:
    """Column names as a table can hold them.

    Blanks around a name are dropped, a missing name becomes ``unnamed_<position>``, and a name met before
    (upper and lower case alike, as DuckDB compares) gets ``__2``, ``__3`` … ``file_id``, ``line`` and ``row_key``
    are taken by the warehouse.
    """
    seen = {"file_id", "line", "row_key"}
    unique: list[str] = []
    for position, name in enumerate(names, start=1):
        stem = name.strip() or f"unnamed_{position}"
        candidate, number = stem, 1
        while candidate.lower() in seen:
            number += 1
            candidate = f"{stem}__{number}"
        seen.add(candidate.lower())
        unique.append(candidate)
    return unique
