"""Which pair to ask a reviewer next: the most uncertain ones of the current release first."""

import threading
from collections.abc import Mapping, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from review.judgements import JudgementStore
from review.pairs import PairIds, ShownPair, read_pairs
from warehouse.connection import open_release
from warehouse.publishing.release import current_release

QUEUE_LENGTH = 5_000
CERTAIN = 0.02  # a probability this near to 0 or 1 is not worth a person's time
READ_AHEAD = 40  # pairs read from the release in one go: forty cost the scans of one
KEPT = 400  # pairs held in memory
MEMORY_LIMIT = "2GB"
_MOST_UNCERTAIN = """
    select left_record_id, right_record_id
    from resolved.scored_pair
    where match_probability between $certain and 1 - $certain
    order by round(abs(match_probability - 0.5), 2), hash(left_record_id, right_record_id), left_record_id
    limit $length
"""


class NoReleaseError(Exception):
    """No release has been published yet."""


class UnreadableReleaseError(Exception):
    """The current release lacks what the reviewers' page needs."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a reviewer sees next. ``pair`` is None when nothing is left to judge."""

    pair: ShownPair | None
    judged_count: int  # standing judgements of this reviewer, over all releases
    left_count: int  # uncertain pairs of this release still open to this reviewer, skipped ones included
    skipped_count: int
    run_id: str


class PairQueue:
    """The uncertain pairs of whatever release is current; safe to share between threads.

    The release may change at any time: each call follows the pointer anew. Order: entropy of the match
    probability in steps of a hundredth, equals in an order that is mixed but always the same, so that a
    reviewer does not meet one family of names a hundred times in a row.
    """

    def __init__(self, data_dir: Path, store: JudgementStore) -> None:
        self._data_dir = data_dir
        self._store = store
        self._lock = threading.Lock()
        self._release: Path | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._run_id = ""
        self._order: list[PairIds] = []
        self._read: dict[PairIds, ShownPair | None] = {}
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead")
        self._reading: Future[None] | None = None

    def next(self, reviewer: str, skipped: Set[PairIds] = frozenset()) -> Turn:
        """The next pair for this reviewer: not judged by them, not implied by what they judged, not skipped.

        Raises NoReleaseError, or UnreadableReleaseError with what to do.
        """
        with self._lock:
            self._follow()
            judged = self._store.judged_by(reviewer)
            known = Implied(judged)
            unjudged = [ids for ids in self._order if ids not in judged and not known.decides(ids)]
            open_pairs = [ids for ids in unjudged if ids not in skipped]
            pair = self._first_readable(open_pairs)
            self._read_on(open_pairs[:READ_AHEAD])
            return Turn(
                pair=pair,
                judged_count=len(judged),
                left_count=len(unjudged),
                skipped_count=len(unjudged) - len(open_pairs),
                run_id=self._run_id,
            )

    def find(self, ids: PairIds) -> ShownPair | None:
        """A pair by its ids, or None where the current release no longer holds it."""
        with self._lock:
            self._follow()
            return self._first_readable([ids])

    def close(self) -> None:
        """Let go of the release."""
        self._reader.shutdown(cancel_futures=True)
        with self._lock:
            self._forget()

    def _first_readable(self, ids: list[PairIds]) -> ShownPair | None:
        assert self._connection is not None
        for at, wanted in enumerate(ids):
            if wanted not in self._read:
                batch = [one for one in ids[at : at + READ_AHEAD] if one not in self._read]
                try:
                    self._keep(batch, read_pairs(self._connection, batch, self._run_id))
                except duckdb.Error as error:
                    raise _unreadable(self._release, error) from error
            pair = self._read[wanted]
            if pair is not None:
                return pair
        return None

    def _read_on(self, coming: list[PairIds]) -> None:
        """Start reading the coming pairs while the reviewer looks at this one, once half are used up."""
        missing = [ids for ids in coming if ids not in self._read]
        is_reading = self._reading is not None and not self._reading.done()
        if self._connection is not None and not is_reading and 2 * len(missing) >= len(coming) > 1:
            self._reading = self._reader.submit(self._read_aside, self._connection.cursor(), missing, self._run_id)

    def _read_aside(self, cursor: duckdb.DuckDBPyConnection, ids: list[PairIds], run_id: str) -> None:
        with cursor:
            try:
                cursor.execute("use brassplate")  # a cursor starts in the in-memory database again
                found = read_pairs(cursor, ids, run_id)
            except duckdb.Error:
                return  # read again, and reported, when a pair's turn comes
        with self._lock:
            if run_id == self._run_id and self._connection is not None:
                self._keep(ids, found)

    def _keep(self, ids: list[PairIds], found: list[ShownPair]) -> None:
        by_ids = {pair.ids: pair for pair in found}
        while self._read and len(self._read) + len(ids) > KEPT:
            del self._read[next(iter(self._read))]
        self._read.update({wanted: by_ids.get(wanted) for wanted in ids})

    def _follow(self) -> None:
        """Open the release that is current now, unless it is the one at hand."""
        try:
            current = current_release(self._data_dir)
        except FileNotFoundError as error:
            self._forget()
            raise UnreadableReleaseError(str(error)) from error
        if current is None:
            self._forget()
            raise NoReleaseError(f"no release in {self._data_dir}; run refresh first")
        if current == self._release:
            return
        self._forget()
        try:
            self._connection = open_release(self._data_dir, memory_limit=MEMORY_LIMIT, lock_down=True)
            run = self._connection.execute("select run_id from meta.run").fetchone()
            limits = {"certain": CERTAIN, "length": QUEUE_LENGTH}
            rows = self._connection.execute(_MOST_UNCERTAIN, limits).fetchall()
        except duckdb.Error as error:
            self._forget()
            raise _unreadable(current, error) from error
        self._run_id = run[0] if run else current.stem
        self._order = [(left, right) for left, right in rows]
        self._release = current

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._release, self._order, self._read = None, None, [], {}


class Implied:
    """What a reviewer's own answers already decide about other pairs.

    A same B and B same C decide A and C; A same B and B different C decide A and C too.
    """

    def __init__(self, judged: Mapping[PairIds, str]) -> None:
        self._parent: dict[str, str] = {}
        for (left, right), judgement in judged.items():
            if judgement == "same":
                self._parent[self._root(left)] = self._root(right)
        self._apart = {
            frozenset((self._root(left), self._root(right)))
            for (left, right), judgement in judged.items()
            if judgement == "different"
        }

    def decides(self, ids: PairIds) -> bool:
        """The answer on this pair follows from earlier ones."""
        left, right = self._root(ids[0]), self._root(ids[1])
        return left == right or frozenset((left, right)) in self._apart

    def _root(self, record_id: str) -> str:
        while (parent := self._parent.get(record_id, record_id)) != record_id:
            self._parent[record_id] = record_id = self._parent.get(parent, parent)
        return record_id


def _unreadable(release: Path | None, error: duckdb.Error) -> UnreadableReleaseError:
    first_line = str(error).splitlines()[0].rstrip(".")
    return UnreadableReleaseError(
        f"{release}: expected the tables of a release, found: {first_line}; run refresh with this version"
    )
