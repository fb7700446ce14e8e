"""From judgements to a model, never to a worse one.

The default model is bent towards the judgements by a ridge of several strengths; each strength, and the
default model as it stands, is tried on held-out judgements. What predicts them best is kept, and where
that is the default model, its curves are left alone and the report says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from resolution.comparison import COMPARISONS, compare
from resolution.evaluation import calibration_error, pairs_judged
from resolution.learning.dedupe_session import CurveClassifier, learn
from resolution.learning.fit import Basis, fit_model
from resolution.learning.judged import JudgedPairs, judged_pairs
from resolution.learning.rules import rule_name, texts
from resolution.learning.shapes import BASIS
from resolution.names.prepare import prepare
from resolution.schema import RECORDS
from resolution.scoring import Model, load_default
from resolution.scoring.evidence import Matrix

Floats = npt.NDArray[np.float64]

RIDGES = (1.0, 4.0, 16.0, 64.0)
FOLDS = 5
LEAST_PAIRS = 10
# A trained model must beat the default by more than this (bits per judgement): less is noise.
LEAST_GAIN = 0.01
CORPUS_SAMPLE = 2_500


@dataclass(frozen=True)
class Training:
    """A model and how it came about; ``report["kept"]`` is ``trained`` or ``default``."""

    model: Model
    report: dict[str, Any]


@dataclass(frozen=True)
class _Judged:
    values: Matrix
    is_match: npt.NDArray[np.bool_]
    fold: npt.NDArray[np.int64]


def train(
    judgements: pa.Table, *, base: Model | None = None, corpus: pa.Table | None = None, seed: int = 0
) -> Training:
    """Train on JUDGEMENTS, starting from ``base`` (the default model).

    ``corpus`` (RECORDS) lends dedupe a sample to price blocking rules with. The same judgements and seed give
    the same model. JudgementError where judgements cannot be read; too few of them keep the base model.
    """
    base = load_default() if base is None else base
    pairs = judged_pairs(judgements)
    same, different = int(pairs.is_match.sum()), int((~pairs.is_match).sum())
    report: dict[str, Any] = {"judgements": judgements.num_rows, "same": same, "different": different}
    if min(same, different) < 1 or len(pairs) < LEAST_PAIRS:
        report |= {"kept": "default", "reason": f"fewer than {LEAST_PAIRS} judgements, or all of one kind"}
        return Training(base, report)
    records = _with_corpus(pairs.records, corpus, seed)
    prepared = prepare(records)
    comparisons = tuple(c.name for c in COMPARISONS)

    def compare_pairs(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> Matrix:
        return compare(prepared, left.astype(np.int32), right.astype(np.int32))

    judged = _Judged(compare_pairs(pairs.left, pairs.right), pairs.is_match, _folds(pairs, seed))
    chosen = choose_ridge(judged.values, judged.is_match, judged.fold, comparisons, BASIS, base)
    report |= chosen
    ridge = chosen["ridge"] or RIDGES[-1]
    ends = np.stack([pairs.left, pairs.right], axis=1)
    fitted, rules = learn(
        texts(records).to_pylist(),
        [(int(a), int(b)) for a, b in ends[pairs.is_match]],
        [(int(a), int(b)) for a, b in ends[~pairs.is_match]],
        compare_pairs,
        CurveClassifier(comparisons, BASIS, base, ridge),
        seed=seed,
    )
    report["rules"] = [rule_name(rule) for rule in rules]
    trained = replace(fitted, gates=base.gates, threshold=base.threshold)
    model = trained if chosen["kept"] == "trained" else base
    manifest = {
        "trained_from": base.model_id,
        "judgements_sha256": _hash(judgements),
        "seed": seed,
        "report": report,
        "versions": {name: version(name) for name in ("dedupe", "numpy", "scipy", "rapidfuzz")},
    }
    return Training(replace(model, rules=tuple(rules), manifest=manifest, model_id=""), report)


def choose_ridge(
    values: Matrix,
    is_match: npt.NDArray[np.bool_],
    fold: npt.NDArray[np.int64],
    comparisons: Sequence[str],
    basis: Basis,
    base: Model,
) -> dict[str, Any]:
    """Held-out log loss (bits per judgement) of the base model and of each ridge; which to keep.

    Gives ``kept``, ``ridge`` (None: the base model), ``reason`` and ``held_out`` with loss, F1 and calibration
    error of each.
    """
    held_out = {"default": _quality(base.probabilities(values, comparisons), is_match, base.threshold)}
    for ridge in RIDGES:
        probability = np.zeros(len(values))
        for f in np.unique(fold):
            test = fold == f
            model = fit_model(values[~test], is_match[~test], comparisons, basis, ridge=ridge, towards=base)
            model = replace(model, gates=base.gates, threshold=base.threshold)
            probability[test] = model.probabilities(values[test], comparisons)
        held_out[f"ridge {ridge:g}"] = _quality(probability, is_match, base.threshold)
    # Of equals the stronger ridge, which stays nearer to the base.
    best = min(reversed(RIDGES), key=lambda r: held_out[f"ridge {r:g}"]["loss_bits"])
    gain = held_out["default"]["loss_bits"] - held_out[f"ridge {best:g}"]["loss_bits"]
    loses_f1 = held_out[f"ridge {best:g}"]["f1"] < held_out["default"]["f1"]
    if gain > LEAST_GAIN and not loses_f1:
        reason = f"held-out judgements are predicted better by {gain:.3f} bits each"
        return {"kept": "trained", "ridge": best, "reason": reason, "held_out": held_out}
    reason = "no trained model predicts held-out judgements better; the curves stay as they were"
    return {"kept": "default", "ridge": None, "reason": reason, "held_out": held_out}


def _quality(probability: npt.NDArray[Any], is_match: npt.NDArray[np.bool_], threshold: float) -> dict[str, float]:
    p = np.clip(np.asarray(probability, dtype=np.float64), 1e-9, 1 - 1e-9)
    loss = float(-np.mean(np.where(is_match, np.log2(p), np.log2(1.0 - p))))
    return {
        "loss_bits": round(loss, 4),
        "f1": round(pairs_judged(p, is_match, threshold).f1, 4),
        "calibration_error": round(calibration_error(p, is_match), 4),
    }


def _folds(pairs: JudgedPairs, seed: int) -> npt.NDArray[np.int64]:
    """A fold per pair; pairs that share a record (or hang together through others) share a fold."""
    count = pairs.records.num_rows
    graph = coo_matrix((np.ones(len(pairs)), (pairs.left, pairs.right)), (count, count))
    group = connected_components(graph, directed=False)[1][pairs.left]
    names = np.unique(group)
    if len(names) < FOLDS:  # one tangle of records: then by pair, which is better than not at all
        group = np.arange(len(pairs))
        names = group
    dealt = np.random.default_rng(seed).permutation(len(names)) % FOLDS
    return dealt[np.searchsorted(names, group)].astype(np.int64)


def _with_corpus(records: pa.Table, corpus: pa.Table | None, seed: int) -> pa.Table:
    """The judged records, and after them a repeatable sample of the corpus."""
    if corpus is None or corpus.num_rows == 0:
        return records
    rows = np.random.default_rng(seed).permutation(corpus.num_rows)[:CORPUS_SAMPLE]
    sample = corpus.take(pa.array(np.sort(rows)))
    columns = {}
    for field in RECORDS:
        present = field.name in sample.column_names
        columns[field.name] = sample[field.name].cast(field.type) if present else pa.nulls(len(rows), field.type)
    columns["record_id"] = pa.array([f"corpus#{i}" for i in range(len(rows))], pa.string())
    for field in ("source", "is_register", "is_synthetic"):
        columns[field] = pa.nulls(len(rows), RECORDS.field(field).type)
    return pa.concat_tables([records, pa.table(columns, schema=RECORDS)])


def _hash(judgements: pa.Table) -> str:
    lines = sorted(
        "\x1f".join(str(v) for v in row.values())
        for row in judgements.select(["left_record_id", "right_record_id", "judgement"]).to_pylist()
    )
    return sha256("\x1e".join(lines).encode()).hexdigest()
