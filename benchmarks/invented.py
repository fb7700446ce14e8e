"""Entity clusters in a world like the training world, made by another seed: which guard against chaining is best."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.report import Row, figure
from benchmarks.training_world import SEED, training_world
from resolution.blocking import candidate_pairs
from resolution.clustering import cluster
from resolution.comparison import compare
from resolution.evaluation import b_cubed, blocking_recall, calibration_error, cluster_pairs
from resolution.names.prepare import prepare
from resolution.scoring import Model


def invented_world(data: Path, model: Model) -> list[Row]:
    """Plain components, average linkage on scored pairs, and average linkage after densifying."""
    records, entities = training_world(data, SEED + 1)
    truth = np.unique(np.array(entities, dtype=object), return_inverse=True)[1]
    prepared = prepare(records)
    blocked = candidate_pairs(prepared)
    left, right = blocked.left.astype(np.int64), blocked.right.astype(np.int64)

    def score(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return model.probabilities(compare(prepared, a.astype(np.int32), b.astype(np.int32)))

    probability = score(left, right)
    probable = probability >= model.threshold
    certain = np.ones(int(probable.sum()))
    rows = [Row("records / true entities", f"{len(truth)} / {len(np.unique(truth))}")]
    for name, found in (
        # A pair without a score counts as certain, so that every component stays whole.
        (
            "components",
            cluster(
                len(truth),
                left[probable],
                right[probable],
                certain,
                0.5,
                score_missing=lambda a, b: np.ones(len(a)),
                max_component=10**6,
            ),
        ),
        ("average linkage", cluster(len(truth), left, right, probability, model.threshold)),
        (
            "average linkage, densified (used)",
            cluster(len(truth), left, right, probability, model.threshold, score_missing=score),
        ),
    ):
        pairwise, cubed = cluster_pairs(found.labels, truth), b_cubed(found.labels, truth)
        rows.append(Row(f"pairwise F1 / B-cubed F1, {name}", f"{figure(pairwise.f1)} / {figure(cubed.f1)}"))
        rows.append(
            Row(f"pairwise precision / recall, {name}", f"{figure(pairwise.precision)} / {figure(pairwise.recall)}")
        )
    is_match = truth[left] == truth[right]
    rows.append(Row("expected calibration error of candidate pairs", figure(calibration_error(probability, is_match))))
    rows.append(Row("blocking recall", figure(blocking_recall(left, right, truth))))
    return rows
