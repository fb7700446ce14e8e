"""The whole of resolution in one call: records in, scored pairs, clusters and their history out."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolution.blocking import RULES, Candidates, candidate_pairs
from resolution.clustering import Constraints, assign_canonical_ids, cluster
from resolution.comparison import COMPARISONS, NAME_PATHS, compare, compare_with_likeness
from resolution.learning.rules import rule_pairs
from resolution.names.prepare import Prepared, prepare
from resolution.schema import SCORED_PAIRS
from resolution.scoring import Model, load_default
from resolution.scoring.model import probability_of
from resolution.scoring.why import why

Progress = Callable[[str, int, int], None]
Int64s = npt.NDArray[np.int64]

LEARNED_RULE = "learned rule"


@dataclass(frozen=True)
class Keep:
    """Which scored pairs are worth a row: probable enough, or names alike enough to be a look-alike."""

    probability: float = 0.05
    likeness: float = 0.75


@dataclass(frozen=True)
class Resolution:
    """``scored_pairs`` (SCORED_PAIRS), ``members`` (CLUSTER_MEMBERS, in the order of the input),
    ``events`` (CLUSTER_EVENTS) and ``report``: blocking, scoring, clustering and seconds per stage."""

    scored_pairs: pa.Table
    members: pa.Table
    events: pa.Table
    report: dict[str, Any]


def resolve(
    records: pa.Table,
    *,
    model: Model | None = None,
    judgements: pa.Table | None = None,
    previous: pa.Table | None = None,
    threshold: float | None = None,
    keep: Keep | None = None,
    batch_pairs: int = 400_000,
    on_progress: Progress | None = None,
) -> Resolution:
    """Resolve records into entity clusters.

    ``records`` has the columns of RECORDS (``record_id`` unique; only it and ``name`` are required);
    ``judgements`` JUDGEMENTS; ``previous`` the CLUSTER_MEMBERS of the run before. ``threshold`` is the
    model's own unless given. ``on_progress(stage, done, of)`` is called from time to time. The same
    records give the same result in any order. Raises ValueError for records that are not RECORDS.
    """
    model = load_default() if model is None else model
    keep = Keep() if keep is None else keep
    limit = model.threshold if threshold is None else threshold
    clock = _Clock(on_progress)
    order = _record_order(records)
    ordered = records.take(pa.array(order))
    prepared = prepare(ordered)
    clock.lap("prepare", len(prepared))
    candidates = candidate_pairs(prepared)
    left, right, bits, rule_names, learned = _with_learned(candidates, ordered, model)
    clock.lap("block", len(left))
    kept = _score(prepared, model, left, right, bits, keep, batch_pairs, clock)
    clock.lap("score", len(left))
    constraints = _constraints(ordered["record_id"], prepared, judgements)
    found = cluster(
        len(prepared),
        kept.left,
        kept.right,
        kept.probability,
        limit,
        constraints,
        lambda a, b: _probabilities(prepared, model, a, b, batch_pairs),
    )
    clock.lap("cluster", len(prepared))
    members = _members(records, order, found.labels, found.support)
    members, events = assign_canonical_ids(members, previous)
    clock.lap("identify", members.num_rows)
    report = {
        "records": len(prepared),
        "candidate_pairs": len(left),
        "kept_pairs": len(kept.left),
        "model_id": model.model_id,
        "threshold": limit,
        "blocking": [asdict(rule) for rule in candidates.report],
        "learned_rules": learned,
        "clustering": found.report,
        "seconds": clock.seconds,
    }
    return Resolution(_scored_table(ordered["record_id"], kept, rule_names), members, events, report)


@dataclass(frozen=True)
class _Kept:
    left: Int64s
    right: Int64s
    probability: npt.NDArray[np.float32]
    likeness: npt.NDArray[np.float32]
    path: npt.NDArray[np.uint8]
    rules: npt.NDArray[Any]
    why: pa.StringArray


class _Clock:
    """Seconds per stage, and a voice for whoever waits."""

    def __init__(self, on_progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._say = on_progress or (lambda stage, done, of: None)
        self._since = time.perf_counter()

    def lap(self, stage: str, count: int) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._since, 3)
        self._since = now
        self._say(stage, count, count)

    def say(self, stage: str, done: int, of: int) -> None:
        self._say(stage, done, of)


def _record_order(records: pa.Table) -> Int64s:
    """Row numbers in ascending order of record id; the numbering that everything after this uses."""
    if "record_id" not in records.column_names:
        raise ValueError(f"expected a column record_id, found {', '.join(records.column_names)}")
    ids = records["record_id"].cast(pa.string())
    if ids.null_count:
        raise ValueError(f"expected an id for every record, found {ids.null_count} without; number the rows")
    order = pc.sort_indices(ids).to_numpy().astype(np.int64)
    ascending = ids.combine_chunks().take(pa.array(order))
    if len(ascending) > 1:
        repeated = pc.equal(ascending.slice(1), ascending.slice(0, len(ascending) - 1))
        if pc.any(repeated).as_py():
            twice = pc.unique(ascending.slice(1).filter(repeated)).slice(0, 5).to_pylist()
            raise ValueError(f"expected every record_id once, found again: {', '.join(twice)}")
    return order


def _with_learned(
    candidates: Candidates, records: pa.Table, model: Model
) -> tuple[Int64s, Int64s, npt.NDArray[Any], list[str], list[dict[str, Any]]]:
    """The built-in rules' pairs, joined by those of the rules that the model learned."""
    left, right = candidates.left.astype(np.int64), candidates.right.astype(np.int64)
    names = [*(rule.name for rule in RULES), LEARNED_RULE]
    if not model.rules:
        return left, right, candidates.rules, names, []
    learned = rule_pairs(records, model.rules)
    count = records.num_rows
    keys, more = left * count + right, learned.left.astype(np.int64) * count + learned.right
    every = np.union1d(keys, more)
    bits = np.zeros(len(every), dtype=np.uint64)
    bits[np.searchsorted(every, keys)] |= candidates.rules.astype(np.uint64)
    bits[np.searchsorted(every, more)] |= np.uint64(1 << len(RULES))
    return every // count, every % count, bits, names, learned.report


def _score(
    prepared: Prepared,
    model: Model,
    left: Int64s,
    right: Int64s,
    rules: npt.NDArray[Any],
    keep: Keep,
    batch_pairs: int,
    clock: _Clock,
) -> _Kept:
    names = tuple(c.name for c in COMPARISONS)
    sentences = {c.name: c.sentence for c in COMPARISONS}
    parts: list[_Kept] = []
    for start in range(0, max(len(left), 1), batch_pairs):
        a = left[start : start + batch_pairs].astype(np.int32)
        b = right[start : start + batch_pairs].astype(np.int32)
        compared = compare_with_likeness(prepared, a, b)
        values, likeness, path = compared.values, compared.likeness, compared.path
        probability = model.probabilities(values, names)
        chosen = (probability >= keep.probability) | (likeness >= keep.likeness)
        values = values[chosen]
        found = model.contributions(values, names)
        parts.append(
            _Kept(
                a[chosen].astype(np.int64),
                b[chosen].astype(np.int64),
                probability[chosen],
                likeness[chosen],
                path[chosen],
                rules[start : start + batch_pairs][chosen],
                why(model, found, values, names, sentences),
            )
        )
        clock.say("score", min(start + batch_pairs, len(left)), len(left))
    return _Kept(
        np.concatenate([p.left for p in parts]),
        np.concatenate([p.right for p in parts]),
        np.concatenate([p.probability for p in parts]),
        np.concatenate([p.likeness for p in parts]),
        np.concatenate([p.path for p in parts]),
        np.concatenate([p.rules for p in parts]),
        pa.concat_arrays([p.why for p in parts]),
    )


def _probabilities(
    prepared: Prepared, model: Model, left: Int64s, right: Int64s, batch_pairs: int
) -> npt.NDArray[np.float64]:
    names = tuple(c.name for c in COMPARISONS)
    found = [np.empty(0)]
    for start in range(0, len(left), batch_pairs):
        a = left[start : start + batch_pairs].astype(np.int32)
        b = right[start : start + batch_pairs].astype(np.int32)
        found.append(probability_of(model.score_bits(compare(prepared, a, b), names)))
    return np.concatenate(found)


def _constraints(record_ids: pa.ChunkedArray, prepared: Prepared, judgements: pa.Table | None) -> Constraints:
    register = np.where(prepared.is_register, prepared.source, -1).astype(np.int64)
    none = Constraints.none(0)
    if judgements is None or judgements.num_rows == 0:
        return Constraints(none.same, none.different, register)
    newest_first = judgements.sort_by(
        [("judged_at", "descending"), ("left_record_id", "ascending"), ("right_record_id", "ascending")]
    )
    ends = [
        pc.index_in(newest_first[side], value_set=record_ids.combine_chunks()).fill_null(-1).to_numpy()
        for side in ("left_record_id", "right_record_id")
    ]
    pairs = np.stack(ends, axis=1).astype(np.int64)
    known = (pairs >= 0).all(axis=1) & (pairs[:, 0] != pairs[:, 1])
    said = np.array(newest_first["judgement"].to_pylist(), dtype=object)
    return Constraints(pairs[known & (said == "same")], pairs[known & (said == "different")], register)


def _members(records: pa.Table, order: Int64s, labels: Int64s, support: npt.NDArray[np.float64]) -> pa.Table:
    """Cluster of every record, back in the order of the input."""
    cluster_of, probability = np.empty_like(labels), np.empty(len(labels), dtype=np.float32)
    cluster_of[order], probability[order] = labels, support
    return pa.table(
        {"record_id": records["record_id"].cast(pa.string()), "cluster": cluster_of, "probability": probability}
    )


def _scored_table(record_ids: pa.ChunkedArray, kept: _Kept, rule_names: list[str]) -> pa.Table:
    ids = record_ids.cast(pa.string()).combine_chunks()
    masks, place = np.unique(kept.rules, return_inverse=True)
    listed = pa.array(
        [[name for i, name in enumerate(rule_names) if int(mask) >> i & 1] for mask in masks.tolist()],
        pa.list_(pa.string()),
    )
    return pa.table(
        [
            ids.take(pa.array(kept.left)),
            ids.take(pa.array(kept.right)),
            pa.array(kept.probability),
            pa.array(kept.likeness),
            pa.array(NAME_PATHS, pa.string()).take(pa.array(kept.path)),
            listed.take(pa.array(place.ravel())),
            kept.why,
        ],
        schema=SCORED_PAIRS,
    )
