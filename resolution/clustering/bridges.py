"""Cutting a component that is too large to judge pair by pair, at its weakest bridges."""

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def cut_bridges(
    group: Ints, left: Ints, right: Ints, probability: Floats, same: Ints, max_size: int
) -> tuple[list[Ints], dict[str, Any]]:
    """Pieces of at most ``max_size`` records of a component, and a report of what was cut.

    Kruskal's algorithm from the strongest pair down, refusing every union that would grow a piece over
    the limit: what is refused are the weakest pairs that held the component together. Pairs judged
    ``same`` are joined first and never cut, whatever the size.
    """
    position = {record: i for i, record in enumerate(group.tolist())}
    parent = list(range(len(group)))
    size = [1] * len(group)

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(a: int, b: int) -> None:
        low, high = min(a, b), max(a, b)
        parent[high] = low
        size[low] += size[high]

    for one, other in same.tolist():
        if one in position and other in position:
            a, b = root(position[one]), root(position[other])
            if a != b:
                join(a, b)
    refused = []
    order = np.lexsort((right, left, -probability))
    for edge in order.tolist():
        a, b = root(position[int(left[edge])]), root(position[int(right[edge])])
        if a == b:
            continue
        if size[a] + size[b] <= max_size:
            join(a, b)
        else:
            refused.append(edge)
    roots = np.array([root(i) for i in range(len(group))])
    crossing = [e for e in refused if roots[position[int(left[e])]] != roots[position[int(right[e])]]]
    pieces = [group[roots == r] for r in np.unique(roots)]
    strongest = max((float(probability[e]) for e in crossing), default=0.0)
    report = {"pieces": len(pieces), "pairs_cut": len(crossing), "strongest_cut": round(strongest, 4)}
    return pieces, report
