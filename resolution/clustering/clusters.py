"""Scored pairs and constraints to clusters: components, then a judgement on each component.

A component of the graph of probable pairs is only a suspicion: A~B and B~C chain strangers together.
So every component of three or more is *densified* (the pairs that blocking left out are scored, for a
pair that was not compared is not a non-match) and split by constrained average linkage. Components too
large to densify are first cut at their weakest bridges, and the cut is reported; the threshold is the
same for all. Everything is done in the order of the record numbers: callers number records by record
id, and then the order of the input cannot matter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from resolution.clustering.bridges import cut_bridges
from resolution.clustering.linkage import APART, TOGETHER, average_linkage

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ScorePairs = Callable[[Ints, Ints], npt.NDArray[np.floating[Any]]]

MAX_COMPONENT = 400


@dataclass(frozen=True)
class Constraints:
    """What clustering may not decide for itself.

    ``same`` and ``different`` are int64 arrays (n, 2) of record numbers; ``register`` holds a code per
    record, at least 0 where the record's source states each entity once (no two such records of one code
    share a cluster), -1 elsewhere. A judgement ``same`` outranks the register, being a person's.
    """

    same: Ints
    different: Ints
    register: Ints

    @staticmethod
    def none(record_count: int) -> "Constraints":
        """No constraint at all."""
        empty = np.empty((0, 2), dtype=np.int64)
        return Constraints(empty, empty, np.full(record_count, -1, dtype=np.int64))


@dataclass(frozen=True)
class Clustering:
    """``labels`` (n,): the smallest record number of each record's cluster. ``support`` (n,): mean match
    probability of the record with the rest of its cluster, 1 for singletons. ``report``: what was done."""

    labels: Ints
    support: Floats
    report: dict[str, Any] = field(default_factory=dict)


def cluster(
    record_count: int,
    left: Ints,
    right: Ints,
    probability: npt.NDArray[np.floating[Any]],
    threshold: float,
    constraints: Constraints | None = None,
    score_missing: ScorePairs | None = None,
    max_component: int = MAX_COMPONENT,
) -> Clustering:
    """Cluster records 0..record_count-1 from scored pairs (each pair once, left < right)."""
    constraints = Constraints.none(record_count) if constraints is None else constraints
    left, right, probability = _in_order(left, right, probability)
    same = _consistent(constraints, record_count)
    different = _pair_keys(constraints.different, record_count)
    forbidden = np.isin(left * record_count + right, different) | _same_register(constraints, left, right)
    probable = (probability >= threshold) & ~forbidden
    sources = np.concatenate([left[probable], same[:, 0]])
    targets = np.concatenate([right[probable], same[:, 1]])
    component = _components(record_count, sources, targets)
    labels, support = np.arange(record_count), np.ones(record_count)
    report: dict[str, Any] = {
        "threshold": threshold,
        "probable_pairs": int(probable.sum()),
        "judged_same": len(constraints.same),
        "judged_different": len(constraints.different),
        "contradicted_judgements": len(constraints.same) - len(same),
        "cuts": [],
        "densified_pairs": 0,
    }
    edges = _Edges(left, right, probability, same, different, constraints.register, record_count, threshold)
    groups = _groups(component)
    report["components"] = len(groups)
    report["largest_component"] = max((len(g) for g in groups), default=1)
    edges.pairs(groups, labels, support)
    small = [g for g in groups if 2 < len(g) <= max_component]
    for group in (g for g in groups if len(g) > max_component):
        pieces, cut = cut_bridges(group, *edges.inside(group, probable), same, max_component)
        small += [p for p in pieces if len(p) > 1]
        report["cuts"].append({"records": len(group), "smallest_record": int(group[0]), **cut})
    report["densified_pairs"] = edges.densify(small, score_missing)
    for group in small:
        similarity = edges.dense(group)
        split = _judge(similarity, threshold)
        _write(group, split, np.clip(similarity, 0.0, 1.0), labels, support)
    report["clusters"] = len(np.unique(labels))
    report["largest_clusters"] = _largest(labels, support)
    return Clustering(labels, support, report)


def _judge(similarity: Floats, threshold: float) -> Ints:
    off = similarity[~np.eye(len(similarity), dtype=bool)]
    if (off >= threshold).all():
        return np.zeros(len(similarity), dtype=np.int64)  # a clique: average linkage would merge it whole
    return average_linkage(similarity, threshold)


def _write(group: Ints, split: Ints, similarity: Floats, labels: Ints, support: Floats) -> None:
    for label in np.unique(split):
        inside = np.flatnonzero(split == label)
        labels[group[inside]] = group[inside].min()
        if len(inside) > 1:
            block = similarity[np.ix_(inside, inside)]
            support[group[inside]] = (block.sum(axis=1) - block.diagonal()) / (len(inside) - 1)


class _Edges:
    """All scored pairs by record, so that the dense matrix of a component is read off quickly."""

    def __init__(
        self,
        left: Ints,
        right: Ints,
        probability: Floats,
        same: Ints,
        different: Ints,
        register: Ints,
        record_count: int,
        threshold: float,
    ) -> None:
        self.left, self.right, self.probability = left, right, probability
        self.same_keys = np.unique(same[:, 0] * record_count + same[:, 1])
        self.different_keys = different
        self.register = register
        self.record_count = record_count
        self.threshold = threshold
        self.keys = left * record_count + right

    def pairs(self, groups: list[Ints], labels: Ints, support: Floats) -> None:
        """Components of two need no judgement beyond the pair that made them; settle all at once."""
        two = [g for g in groups if len(g) == 2]
        if not two:
            return
        first, second = np.array(two).T
        keys = first * self.record_count + second
        found = np.where(_is_in(keys, self.same_keys), 1.0, _look_up(keys, self.keys, self.probability))
        labels[second] = first
        support[first] = support[second] = found

    def inside(self, group: Ints, probable: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
        """Probable pairs with both ends in ``group``."""
        held = probable & np.isin(self.left, group) & np.isin(self.right, group)
        return self.left[held], self.right[held], self.probability[held]

    def densify(self, groups: list[Ints], score_missing: ScorePairs | None) -> int:
        """Score every pair inside ``groups`` that has no score yet; returns how many."""
        wanted = [_all_pairs(group) for group in groups if len(group) > 2]
        if not wanted or score_missing is None:
            return 0
        first, second = (np.concatenate(side) for side in zip(*wanted, strict=True))
        missing = ~_is_in(first * self.record_count + second, self.keys)
        first, second = first[missing], second[missing]
        if not len(first):
            return 0
        found = np.asarray(score_missing(first, second), dtype=np.float64)
        keys = np.concatenate([self.keys, first * self.record_count + second])
        order = np.argsort(keys, kind="stable")
        self.keys = keys[order]
        self.probability = np.concatenate([self.probability, found])[order]
        self.left = np.concatenate([self.left, first])[order]
        self.right = np.concatenate([self.right, second])[order]
        return len(first)

    def dense(self, group: Ints) -> Floats:
        """Similarity (m, m) of a sorted group: probability, 0 where unknown, constraints as marks."""
        size = len(group)
        rows, columns = np.triu_indices(size, 1)
        keys = group[rows] * self.record_count + group[columns]
        values = _look_up(keys, self.keys, self.probability)
        register = self.register[group]
        values[(register[rows] >= 0) & (register[rows] == register[columns])] = APART
        values[_is_in(keys, self.same_keys)] = TOGETHER
        values[_is_in(keys, self.different_keys)] = APART
        similarity = np.zeros((size, size))
        similarity[rows, columns] = values
        similarity[columns, rows] = values
        return similarity


def _in_order(left: Ints, right: Ints, probability: npt.NDArray[np.floating[Any]]) -> tuple[Ints, Ints, Floats]:
    low = np.minimum(left, right).astype(np.int64)
    high = np.maximum(left, right).astype(np.int64)
    order = np.lexsort((high, low))
    return low[order], high[order], np.asarray(probability, dtype=np.float64)[order]


def _consistent(constraints: Constraints, record_count: int) -> Ints:
    """The ``same`` judgements that do not chain together a pair judged different.

    Taken in their given order (callers put the newest first); one that would join a pair judged
    different is left out.
    """
    same = np.sort(constraints.same.reshape(-1, 2), axis=1).astype(np.int64)
    if not len(same) or not len(constraints.different):
        return same
    parent: dict[int, int] = {}
    foes: dict[int, set[int]] = {}

    def root(x: int) -> int:
        while parent.get(x, x) != x:
            x = parent[x]
        return x

    for a, b in constraints.different.tolist():
        foes.setdefault(a, set()).add(b)
        foes.setdefault(b, set()).add(a)
    kept = []
    for a, b in same.tolist():
        low, high = sorted((root(a), root(b)))
        if low != high:
            if any(root(foe) == high for foe in foes.get(low, ())):
                continue
            parent[high] = low
            foes[low] = foes.get(low, set()) | foes.pop(high, set())
        kept.append((a, b))
    return np.array(kept, dtype=np.int64).reshape(-1, 2)


def _pair_keys(pairs: Ints, record_count: int) -> Ints:
    ordered = np.sort(pairs.reshape(-1, 2), axis=1).astype(np.int64)
    return np.unique(ordered[:, 0] * record_count + ordered[:, 1])


def _same_register(constraints: Constraints, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
    one, other = constraints.register[left], constraints.register[right]
    return (one >= 0) & (one == other)


def _components(record_count: int, sources: Ints, targets: Ints) -> Ints:
    ones = np.ones(len(sources), dtype=np.int8)
    graph = coo_matrix((ones, (sources, targets)), (record_count, record_count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _groups(component: Ints) -> list[Ints]:
    """Record numbers of every component of two or more, ascending."""
    sizes = np.bincount(component)
    shared = np.flatnonzero(sizes[component] > 1)
    shared = shared[np.argsort(component[shared], kind="stable")]
    borders = np.flatnonzero(np.diff(component[shared])) + 1
    return [g for g in np.split(shared, borders) if len(g)]


def _all_pairs(group: Ints) -> tuple[Ints, Ints]:
    rows, columns = np.triu_indices(len(group), 1)
    return group[rows], group[columns]


def _is_in(keys: Ints, ascending: Ints) -> npt.NDArray[np.bool_]:
    if not len(ascending):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)
    return ascending[place] == keys


def _look_up(keys: Ints, ascending: Ints, values: Floats) -> Floats:
    if not len(ascending):
        return np.zeros(len(keys))
    place = np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)
    return np.where(ascending[place] == keys, values[place], 0.0)


def _largest(labels: Ints, support: Floats, count: int = 10) -> list[dict[str, Any]]:
    names, sizes = np.unique(labels, return_counts=True)
    order = np.lexsort((names, -sizes))[:count]
    found = []
    for i in order:
        if sizes[i] > 1:
            members = support[labels == names[i]]
            found.append(
                {
                    "smallest_record": int(names[i]),
                    "records": int(sizes[i]),
                    "weakest_support": round(float(members.min()), 4),
                }
            )
    return found
