"""How far a measured figure might move with another sample."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt


def interval(
    measure: Callable[[npt.NDArray[np.int64]], float],
    units: npt.NDArray[np.generic],
    rounds: int = 500,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile bootstrap interval of ``measure(rows)``.

    Whole ``units`` (a label per row: the pair, or the true cluster) are drawn with replacement, for rows
    of one cluster do not vary independently. Draws are repeatable by ``seed``.
    """
    names, place = np.unique(units, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(names) + 1))
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        drawn = generator.integers(0, len(names), len(names))
        rows = np.concatenate([order[starts[i] : starts[i + 1]] for i in drawn])
        found.append(measure(rows))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
