"""Training the model that ships with the package, from records whose true entity is known.

Candidate pairs come from the same blocking as in a run, so that the model learns to tell apart what
blocking proposes. Random pairs are added, a few, for the sake of ``score``, which is given any pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolution.blocking import candidate_pairs
from resolution.comparison import COMPARISONS, compare
from resolution.evaluation import best_threshold, calibration_error, pairs_judged
from resolution.learning.fit import calibration_line, fit_model, manifest_of
from resolution.learning.shapes import BASIS, GATES
from resolution.names.prepare import prepare
from resolution.scoring import Model
from resolution.scoring.evidence import Matrix

FOLDS = 5
RIDGE = 2.0
RANDOM_SHARE = 0.1
DIFFERENT_SHARE = 0.35
"""Of the pairs that do not match this share is learned from, with the weight of all: they are ten times as many."""
THRESHOLD = 0.5
MATCH_WEIGHT = 2.0
"""How much a matching pair counts: blocking proposes about ten strangers for every match, while the pairs that
people score, and those between lists and registers once the hopeless are gone, hold far fewer."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LabelledPairs:
    """Comparison values (n, k), truth and a group per pair's sides; no group may be split over folds."""

    values: Matrix
    is_match: Bools
    left_group: Ints
    right_group: Ints


def train_default(records: pa.Table, truth: Sequence[str], manifest: dict[str, Any], seed: int = 0) -> Model:
    """A calibrated Model from RECORDS and the true entity of each.

    ``truth`` may name a family before a slash: a family (a company, its siblings and namesakes) is held out as
    a whole when the model is calibrated and evaluated.
    """
    pairs = labelled_pairs(records, truth, seed)
    comparisons = tuple(c.name for c in COMPARISONS)
    weight = np.where(pairs.is_match, MATCH_WEIGHT, 1.0)
    learned = pairs.is_match | (np.random.default_rng(seed).random(len(weight)) < DIFFERENT_SHARE)

    def fit(rows: Bools, begin_at: Model | None = None) -> Model:
        rows = rows & learned
        weights = np.where(pairs.is_match[rows], MATCH_WEIGHT, 1.0 / DIFFERENT_SHARE)
        return fit_model(pairs.values[rows], pairs.is_match[rows], comparisons, BASIS, ridge=RIDGE, weights=weights)

    final = fit(np.ones(len(weight), dtype=bool))
    held_out = np.zeros(len(pairs.is_match))
    for fold in range(FOLDS):
        test = pairs.left_group % FOLDS == fold
        train = ~test & (pairs.right_group % FOLDS != fold)
        model = fit(train, final)
        held_out[test] = model.score_bits(pairs.values[test], comparisons)
    slope, shift = calibration_line(held_out, pairs.is_match, weight)
    model = replace(
        fit(np.ones(len(weight), dtype=bool)), slope=slope, shift_bits=shift, gates=GATES, threshold=THRESHOLD
    )
    probability = 1.0 / (1.0 + np.exp2(-(slope * held_out + shift)))
    limit, best = best_threshold(probability, pairs.is_match)
    at = pairs_judged(probability, pairs.is_match, THRESHOLD)
    evaluation = {
        "held_out_f1": round(at.f1, 4),
        "held_out_precision": round(at.precision, 4),
        "held_out_recall": round(at.recall, 4),
        "best_f1": round(best.f1, 4),
        "best_threshold": round(limit, 4),
        "calibration_error": round(calibration_error(probability, pairs.is_match), 4),
    }
    labels = manifest_of(pairs.values, pairs.is_match)
    return replace(model, manifest={**manifest, "labels": labels, "ridge": RIDGE, "evaluation": evaluation})


def labelled_pairs(records: pa.Table, truth: Sequence[str], seed: int = 0) -> LabelledPairs:
    """Blocked and some random pairs of ``records``, compared, with their truth."""
    prepared = prepare(records)
    blocked = candidate_pairs(prepared)
    generator = np.random.default_rng(seed)
    count = int(RANDOM_SHARE * len(blocked.left))
    some = generator.integers(0, len(prepared), (count, 2)).astype(np.int32)
    some = np.sort(some[some[:, 0] != some[:, 1]], axis=1)
    left = np.concatenate([blocked.left, some[:, 0]])
    right = np.concatenate([blocked.right, some[:, 1]])
    entity = np.unique(np.array(truth, dtype=object), return_inverse=True)[1]
    family = np.unique(np.array([t.split("/")[0] for t in truth], dtype=object), return_inverse=True)[1]
    return LabelledPairs(compare(prepared, left, right), entity[left] == entity[right], family[left], family[right])
