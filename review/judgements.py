"""The reviewers' judgements: an append-only SQLite file that outlives every warehouse release.

Judgements are the one thing a run cannot recompute. They are keyed on record ids, never on clusters,
and kept with the fields as the reviewer saw them, so a model can learn from them even after a source
changed or dropped a record.
"""

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from review.standing import SELECT_BY_REVIEWER, consensus, judgement_table

APPLICATION_ID = 0x62726173  # 'bras': tells this file from any other SQLite database
ANSWERS = ("same", "different", "unsure")
BUSY_SECONDS = 30.0
_INSERT = """
    insert into judgement_event (
        idempotency_key, left_record_id, right_record_id, judgement, reviewer, judged_at, supersedes, note,
        run_id, evidence_hash, left_shown, right_shown, match_probability, ms_on_screen)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LATEST = """
    select event_id from judgement_event
    where reviewer = ? and left_record_id = ? and right_record_id = ?
    order by event_id desc limit 1
"""


class JudgementError(Exception):
    """The judgement store cannot be used as asked; the message says what to do."""


class AnswerConflictError(JudgementError):
    """An idempotency key came again with another answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reviewer's answer on one pair as it was shown; ``left_record_id < right_record_id``."""

    idempotency_key: str
    left_record_id: str
    right_record_id: str
    judgement: str  # same, different, unsure
    reviewer: str
    run_id: str
    evidence_hash: str
    left_shown: Mapping[str, object]  # keys of resolution.schema.RECORDS
    right_shown: Mapping[str, object]
    match_probability: float  # as shown, 0-1
    note: str | None = None
    ms_on_screen: int | None = None


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """An event as stored. ``judgement`` may also be ``withdrawn``."""

    event_id: int
    left_record_id: str
    right_record_id: str
    judgement: str
    reviewer: str


class JudgementStore:
    """The file open for writing. Safe to share between threads; several processes may hold it.

    Every method that writes returns only after the event is on disk (WAL, ``synchronous=FULL``).
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        self._connection = _open_for_writing(path)

    def record(self, answer: Answer) -> StoredJudgement:
        """Store an answer; the same answer sent again is stored once.

        A reviewer's earlier answer on the pair is superseded, not changed.
        Raises AnswerConflictError when the key is already stored with another answer, ValueError when the
        answer itself is malformed.
        """
        _refuse_malformed(answer)
        with self._lock, self._connection as con:
            con.execute("begin immediate")
            stored = _by_key(con, answer.idempotency_key)
            if stored is None:
                latest = con.execute(
                    _LATEST, (answer.reviewer, answer.left_record_id, answer.right_record_id)
                ).fetchone()
                con.execute(_INSERT, _row(answer, supersedes=latest[0] if latest else None))
                stored = _by_key(con, answer.idempotency_key)
        assert stored is not None
        asked = (answer.left_record_id, answer.right_record_id, answer.judgement, answer.reviewer)
        kept = (stored.left_record_id, stored.right_record_id, stored.judgement, stored.reviewer)
        if asked != kept:
            raise AnswerConflictError(
                f"this answer was already stored as {stored.judgement!r}; undo it to answer differently"
            )
        return stored

    def withdraw(self, reviewer: str, idempotency_key: str) -> StoredJudgement | None:
        """Undo the reviewer's last standing answer by a new event; None when there is none.

        Repeated calls with new keys walk further back, over sessions too.
        """
        with self._lock, self._connection as con:
            con.execute("begin immediate")
            stored = _by_key(con, idempotency_key)
            if stored is not None:
                return stored
            last = con.execute(
                f"select event_id from ({SELECT_BY_REVIEWER}) where reviewer = ? order by event_id desc limit 1",
                (reviewer,),
            ).fetchone()
            if last is None:
                return None
            con.execute(
                """
                insert into judgement_event (
                    idempotency_key, left_record_id, right_record_id, judgement, reviewer, judged_at, supersedes,
                    run_id, evidence_hash, left_shown, right_shown, match_probability)
                select ?, left_record_id, right_record_id, 'withdrawn', reviewer, ?, event_id,
                    run_id, evidence_hash, left_shown, right_shown, match_probability
                from judgement_event where event_id = ?
                """,
                (idempotency_key, _now(), last[0]),
            )
            return _by_key(con, idempotency_key)

    def judged_by(self, reviewer: str) -> dict[tuple[str, str], str]:
        """The reviewer's standing judgements: (left_record_id, right_record_id) to judgement."""
        with self._lock:
            rows = self._connection.execute(
                f"select left_record_id, right_record_id, judgement from ({SELECT_BY_REVIEWER}) where reviewer = ?",
                (reviewer,),
            ).fetchall()
        return {(left, right): judgement for left, right, judgement in rows}

    def by_reviewer(self) -> pa.Table:
        """Latest judgement per pair and reviewer, withdrawn ones left out, as JUDGEMENTS rows."""
        with self._lock:
            return judgement_table(_select(self._connection))

    def standing(self) -> pa.Table:
        """One row per pair, as ``read_standing`` gives it."""
        with self._lock:
            return judgement_table(consensus(_select(self._connection)))

    def close(self) -> None:
        """Close the file; its write-ahead log is folded in when no other process holds it."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_standing(path: Path) -> pa.Table:
    """A snapshot of the standing judgements in the shape of ``resolution.schema.JUDGEMENTS``.

    One row per pair. Where reviewers differ: *same* against *different* becomes *unsure*, and a decided
    answer outweighs another's *unsure*; ``reviewer`` then names all who answered. The file is opened
    read-only, so a run never blocks a reviewer. An absent file is an empty table.
    Raises JudgementError when the file is not a judgement store.
    """
    if not path.exists():
        return judgement_table([])
    con = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        _refuse_foreign(con, path)
        return judgement_table(consensus(_select(con)))
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, error) from error
    finally:
        con.close()


def _open_for_writing(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        _refuse_foreign(con, path)
        con.execute(f"pragma application_id = {APPLICATION_ID:d}")
        con.execute("pragma journal_mode = wal")
        con.execute("pragma synchronous = full")
        con.execute("pragma foreign_keys = on")
        con.executescript(Path(__file__).with_name("judgements.sql").read_text(encoding="utf-8"))
    except sqlite3.DatabaseError as error:
        con.close()
        raise _unreadable(path, error) from error
    except JudgementError:
        con.close()
        raise
    return con


def _refuse_foreign(con: sqlite3.Connection, path: Path) -> None:
    """A new file has no tables and id 0; anything else must carry our id."""
    found = con.execute("pragma application_id").fetchone()[0]
    has_tables = con.execute("select count(*) from sqlite_master").fetchone()[0] > 0
    if found != APPLICATION_ID and has_tables:
        raise JudgementError(
            f"{path}: expected a judgement store, found another SQLite database; "
            "name another file or move this one away"
        )


def _unreadable(path: Path, error: sqlite3.DatabaseError) -> JudgementError:
    return JudgementError(f"{path}: expected a judgement store, found: {error}; restore it from a backup")


def _select(con: sqlite3.Connection) -> list[tuple[object, ...]]:
    exists = con.execute("select 1 from sqlite_master where name = 'judgement_event'").fetchone()
    return con.execute(f"{SELECT_BY_REVIEWER} order by event_id").fetchall() if exists else []


def _by_key(con: sqlite3.Connection, key: str) -> StoredJudgement | None:
    row = con.execute(
        "select event_id, left_record_id, right_record_id, judgement, reviewer "
        "from judgement_event where idempotency_key = ?",
        (key,),
    ).fetchone()
    return StoredJudgement(*row) if row else None


def _refuse_malformed(answer: Answer) -> None:
    if answer.judgement not in ANSWERS:
        raise ValueError(f"judgement: expected one of {', '.join(ANSWERS)}, found {answer.judgement!r}")
    if not answer.left_record_id < answer.right_record_id:
        raise ValueError(
            "a pair is stored with left_record_id < right_record_id, "
            f"found {answer.left_record_id!r} and {answer.right_record_id!r}"
        )
    if not answer.reviewer.strip() or not answer.idempotency_key:
        raise ValueError("an answer needs a reviewer and an idempotency key; found an empty one")


def _row(answer: Answer, supersedes: int | None) -> tuple[object, ...]:
    return (
        answer.idempotency_key,
        answer.left_record_id,
        answer.right_record_id,
        answer.judgement,
        answer.reviewer,
        _now(),
        supersedes,
        answer.note,
        answer.run_id,
        answer.evidence_hash,
        shown_json(answer.left_shown),
        shown_json(answer.right_shown),
        answer.match_probability,
        answer.ms_on_screen,
    )


def shown_json(shown: Mapping[str, object]) -> str:
    """A record's fields as JSON, the same text for the same fields (dates as ISO 8601)."""
    return json.dumps(shown, ensure_ascii=False, sort_keys=True, default=str)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
