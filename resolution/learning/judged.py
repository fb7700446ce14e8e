"""Judgements as training pairs: the records as they were shown, each once, and the pairs among them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolution.schema import JUDGEMENTS, RECORDS


class JudgementError(ValueError):
    """A judgement or a training file that cannot be understood."""


@dataclass(frozen=True)
class JudgedPairs:
    """``records`` (RECORDS, each distinct record shown once), and per judged pair the row numbers ``left`` <
    ``right`` in it and whether it was judged the same. Unsure judgements are left out."""

    records: pa.Table
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    is_match: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.is_match)


def judged_pairs(judgements: pa.Table) -> JudgedPairs:
    """Training pairs from JUDGEMENTS.

    The record as shown is learned from, not as it is today: it is what the reviewer judged. Raises
    JudgementError naming the rows whose shown records cannot be read, or judgements outside the three.
    """
    rows = judgements.select(
        ["left_record_id", "right_record_id", "judgement", "left_shown", "right_shown"]
    ).to_pylist()
    faults, numbers, records = [], dict[str, int](), list[dict[str, Any]]()
    pairs: dict[tuple[int, int], bool] = {}
    for i, row in enumerate(rows):
        if row["judgement"] not in ("same", "different", "unsure"):
            faults.append(f"row {i}: expected same, different or unsure, found {row['judgement']!r}")
            continue
        if row["judgement"] == "unsure":
            continue
        ends = []
        for side in ("left", "right"):
            shown = _shown(row[f"{side}_shown"], row[f"{side}_record_id"])
            if shown is None:
                faults.append(f"row {i}: {side}_shown is not a JSON object with a name")
                continue
            key = json.dumps(shown, sort_keys=True, default=str)
            if key not in numbers:
                numbers[key] = len(records)
                records.append(shown)
            ends.append(numbers[key])
        if len(ends) == 2 and ends[0] != ends[1]:
            pairs[(min(ends), max(ends))] = row["judgement"] == "same"
    if faults:
        shown_faults = "; ".join(faults[:10]) + ("; …" if len(faults) > 10 else "")
        raise JudgementError(f"{len(faults)} of {len(rows)} judgements cannot be read: {shown_faults}")
    return _numbered(records, pairs)


def read_dedupe_training(path: Path) -> pa.Table:
    """JUDGEMENTS from a training file of dedupe: JSON with ``match`` and ``distinct`` lists of record pairs.

    Fields of dedupe's records that RECORDS knows are used; ``id`` becomes the record id.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        pairs = [(k, _items(pair)) for k in ("match", "distinct") for pair in document[k]]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise JudgementError(
            f"{path}: expected dedupe's training JSON with lists 'match' and 'distinct', found {error!r}"
        ) from error
    rows = []
    for i, (kind, ends) in enumerate(pairs):
        if len(ends) != 2 or not all(isinstance(e, Mapping) for e in ends):
            raise JudgementError(f"{path}: pair {i} of the file is not two records")
        ids = [str(e.get("id", f"{i}/{side}")) for side, e in enumerate(ends)]
        left, right = sorted(zip(ids, ends, strict=True), key=lambda end: end[0])
        rows.append(
            {
                "left_record_id": left[0],
                "right_record_id": right[0],
                "judgement": "same" if kind == "match" else "different",
                "reviewer": path.name,
                "judged_at": datetime(1970, 1, 1, tzinfo=UTC),
                "left_shown": json.dumps(left[1], ensure_ascii=False),
                "right_shown": json.dumps(right[1], ensure_ascii=False),
            }
        )
    return pa.Table.from_pylist(rows, schema=JUDGEMENTS)


def _items(pair: Any) -> list[Any]:
    """dedupe writes a tuple as {"__class__": "tuple", "__value__": [...]}."""
    return list(pair["__value__"] if isinstance(pair, Mapping) else pair)


def _shown(text: str | None, record_id: str) -> dict[str, Any] | None:
    try:
        shown = json.loads(text or "")
    except json.JSONDecodeError:
        return None
    if not isinstance(shown, Mapping) or not isinstance(shown.get("name"), str):
        return None
    record = {field.name: _value(shown.get(field.name), field.type) for field in RECORDS}
    # The source decides what may be compared with what, not how alike two records are.
    return {**record, "record_id": record_id, "source": None, "is_register": None, "is_synthetic": None}


def _value(value: Any, kind: pa.DataType) -> Any:
    """A shown value as RECORDS types it; None where it is of another kind."""
    if pa.types.is_string(kind):
        return str(value) if isinstance(value, str | int | float) and str(value).strip() else None
    if pa.types.is_list(kind):
        listed = value if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else []
        return [v for v in listed if isinstance(v, str)]
    if pa.types.is_date(kind) and isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None


def _numbered(records: list[dict[str, Any]], pairs: dict[tuple[int, int], bool]) -> JudgedPairs:
    # One record id may have been shown in several states: each state is a record of its own here.
    for i, record in enumerate(records):
        record["record_id"] = f"{record['record_id']}#{i}"
    ordered = sorted(pairs.items())
    ends = np.array([pair for pair, _ in ordered], dtype=np.int64).reshape(-1, 2)
    return JudgedPairs(
        pa.Table.from_pylist(records, schema=RECORDS),
        ends[:, 0],
        ends[:, 1],
        np.array([same for _, same in ordered], dtype=bool),
    )
