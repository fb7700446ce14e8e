"""Average linkage under constraints, for one small component at a time."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

TOGETHER = 2.0
APART = -1.0


def average_linkage(similarity: Floats, threshold: float) -> Ints:
    """Labels (m,) of the clusters of a component, from its dense symmetric similarity (m, m).

    Merges the two clusters whose records are most alike on average, until that average falls below
    ``threshold``. ``TOGETHER`` (judged the same) is merged first and unconditionally; two clusters with
    an ``APART`` pair between them (judged different, or two records of one register) are never merged.
    Ties go to the smaller labels, so the result depends on the numbering of the records alone.
    """
    size = len(similarity)
    together = similarity >= TOGETHER
    labels = _closure(together)
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    alike = np.clip(similarity, 0.0, 1.0)
    apart = similarity == APART
    sums, blocked = _between(groups, alike, apart)
    counts = np.array([len(g) for g in groups], dtype=np.float64)
    alive = np.ones(len(groups), dtype=bool)
    for _ in range(len(groups) - 1):
        average = np.where(blocked | ~alive[:, None] | ~alive[None, :], -1.0, sums / np.outer(counts, counts))
        np.fill_diagonal(average, -1.0)
        # Rounded, so that sums taken in another order cannot turn a tie.
        best = int(np.argmax(np.round(average, 9)))
        one, other = best // len(groups), best % len(groups)
        if average[one, other] < threshold:
            break
        i, j = min(one, other), max(one, other)
        sums[i] += sums[j]
        sums[:, i] += sums[:, j]
        blocked[i] |= blocked[j]
        blocked[:, i] |= blocked[:, j]
        counts[i] += counts[j]
        alive[j] = False
        groups[i] = np.concatenate([groups[i], groups[j]])
    out = np.empty(size, dtype=np.int64)
    for i in np.flatnonzero(alive).tolist():
        out[groups[i]] = groups[i].min()
    return out


def _closure(linked: Bools) -> Ints:
    """Smallest reachable index of each record, over ``linked`` (m, m)."""
    labels = np.arange(len(linked))
    if not linked.any():
        return labels
    while True:
        reached = np.minimum(labels, np.where(linked, labels[None, :], len(linked)).min(axis=1))
        reached = reached[reached]
        if np.array_equal(reached, labels):
            return labels
        labels = reached


def _between(groups: list[Ints], alike: Floats, apart: Bools) -> tuple[Floats, Bools]:
    if len(groups) == len(alike):
        return alike.copy(), apart.copy()
    member = np.zeros((len(groups), len(alike)))
    for i, group in enumerate(groups):
        member[i, group] = 1.0
    return member @ alike @ member.T, (member @ apart @ member.T) > 0
