"""Precision, recall and calibration of pairs and clusters."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]
Labels = npt.NDArray[Any]


@dataclass(frozen=True)
class Agreement:
    """Precision, recall and their harmonic mean, each 0-1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where both are."""
        both = self.precision + self.recall
        return 2.0 * self.precision * self.recall / both if both else 0.0


def pairs_judged(probability: Floats, is_match: Bools, threshold: float) -> Agreement:
    """Agreement of labelled pairs called a match at ``probability >= threshold``."""
    called = probability >= threshold
    return _agreement(int((called & is_match).sum()), int(called.sum()), int(is_match.sum()))


def best_threshold(probability: Floats, is_match: Bools) -> tuple[float, Agreement]:
    """The threshold with the highest F1 on these labelled pairs, and its agreement.

    Chosen on the pairs it is measured on: an upper bound for comparison with peers, not a promise.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = np.asarray(probability, dtype=np.float64)[order]
    hits = np.cumsum(is_match[order])
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    called, positives = ends + 1, int(is_match.sum())
    f1 = 2.0 * hits[ends] / (called + positives)
    best = ends[int(np.argmax(f1))]
    return float(ranked[best]), _agreement(int(hits[best]), int(best + 1), positives)


def cluster_pairs(found: Labels, truth: Labels) -> Agreement:
    """Agreement over all pairs of records: same found cluster against same true cluster."""
    joint, found_sizes, true_sizes = _sizes(found, truth)
    return _agreement(_pairs(joint), _pairs(found_sizes), _pairs(true_sizes))


def b_cubed(found: Labels, truth: Labels) -> Agreement:
    """B-cubed (Bagga and Baldwin, 1998): per record, the share of its cluster that is right, and of its
    entity that was found, averaged over records."""
    _, f = np.unique(found, return_inverse=True)
    _, t = np.unique(truth, return_inverse=True)
    joint, place = np.unique(np.stack([f, t], axis=1), axis=0, return_inverse=True)
    overlap = np.bincount(place.ravel(), minlength=len(joint))[place.ravel()]
    return Agreement(float(np.mean(overlap / np.bincount(f)[f])), float(np.mean(overlap / np.bincount(t)[t])))


def blocking_recall(left: npt.NDArray[np.integer[Any]], right: npt.NDArray[np.integer[Any]], truth: Labels) -> float:
    """Share of the true pairs of records that blocking proposed (each pair once)."""
    _, _, true_sizes = _sizes(truth, truth)
    wanted = _pairs(true_sizes)
    return float((truth[left] == truth[right]).sum() / wanted) if wanted else 1.0


def calibration_error(probability: Floats, is_match: Bools, bins: int = 10) -> float:
    """Expected calibration error (Naeini and others, 2015) over bins of equal count, 0-1."""
    order = np.argsort(probability, kind="stable")
    error = 0.0
    for part in np.array_split(order, min(bins, len(order))):
        error += len(part) * abs(float(probability[part].mean()) - float(is_match[part].mean()))
    return error / max(len(order), 1)


def _agreement(right: int, called: int, wanted: int) -> Agreement:
    return Agreement(right / called if called else 1.0, right / wanted if wanted else 1.0)


def _sizes(found: Labels, truth: Labels) -> tuple[npt.NDArray[np.int64], ...]:
    _, f = np.unique(found, return_inverse=True)
    _, t = np.unique(truth, return_inverse=True)
    joint = np.unique(np.stack([f, t], axis=1), axis=0, return_counts=True)[1]
    return joint, np.bincount(f), np.bincount(t)


def _pairs(sizes: npt.NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
