"""How right the pairs, clusters and probabilities are, against known truth."""

from resolution.evaluation.bootstrap import interval
from resolution.evaluation.measures import (
    Agreement,
    b_cubed,
    best_threshold,
    blocking_recall,
    calibration_error,
    cluster_pairs,
    pairs_judged,
)

__all__ = [
    "Agreement",
    "b_cubed",
    "best_threshold",
    "blocking_recall",
    "calibration_error",
    "cluster_pairs",
    "interval",
    "pairs_judged",
]
