"""Find the candidate pairs: all rules together, each pair once, with the rules that proposed it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.blocking.blocks import pairs_of, walls
from resolution.blocking.rules import RULES, keyed_rows
from resolution.names.prepare import Prepared

MAX_BLOCK_PAIRS = 3_000
"""A key may make this many pairs before it is made finer: seventy-seven records all against all."""

CHEAP_PAIRS = 50_000_000
"""In small sets a key may make more: this number over the number of records."""

NEIGHBOURS = 5
"""Where no finer key helps, each record meets this many of its neighbours, so the pairs grow with the records."""


@dataclass(frozen=True)
class WorstBlock:
    """A block and its cost. ``example`` is the name of one of its records."""

    example: str
    records: int
    pairs: int


@dataclass(frozen=True)
class RuleReport:
    """What one rule did: keys that made pairs, pairs, keys made finer, and groups cut to neighbours at the end."""

    rule: str
    keys: int
    pairs: int
    refined_keys: int
    capped_keys: int
    worst: tuple[WorstBlock, ...]


@dataclass(frozen=True)
class Candidates:
    """Candidate pairs as row numbers of the prepared records, ``left < right``, sorted, each once.

    Bit ``i`` of ``rules`` is set where ``RULES[i]`` proposed the pair.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    rules: NDArray[np.uint32]
    report: tuple[RuleReport, ...]

    def __len__(self) -> int:
        return len(self.left)

    def rule_names(self, pair: int) -> list[str]:
        return [rule.name for bit, rule in enumerate(RULES) if int(self.rules[pair]) >> bit & 1]


def candidate_pairs(
    prepared: Prepared, *, max_block_pairs: int | None = None, neighbours: int = NEIGHBOURS
) -> Candidates:
    """Pairs of records that share the value of at least one blocking rule.

    ``max_block_pairs`` bounds what one key may cost (by default ``MAX_BLOCK_PAIRS``, more for small sets). Never
    pairs two records of one register, nor a synthetic record with a real one.
    """
    behind = walls(prepared.source, prepared.is_register, prepared.is_synthetic)
    n = len(prepared)
    if max_block_pairs is None:
        max_block_pairs = max(MAX_BLOCK_PAIRS, CHEAP_PAIRS // max(n, 1))
    codes: list[NDArray[np.int64]] = []
    reports: list[RuleReport] = []
    for rule, rows in keyed_rows(prepared):
        blocked = pairs_of(rows, behind, max_block_pairs=max_block_pairs, neighbours=neighbours)
        code = np.unique(blocked.left.astype(np.int64) * n + blocked.right)
        codes.append(code)
        worst = tuple(WorstBlock(_example(prepared, record), size, cost) for record, size, cost in blocked.worst)
        reports.append(RuleReport(rule.name, blocked.keys, len(code), blocked.refined_keys, blocked.capped_keys, worst))
    left, right, rules = _united(codes, n)
    return Candidates(left, right, rules, tuple(reports))


def _united(codes: list[NDArray[np.int64]], n: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint32]]:
    every = np.concatenate(codes) if codes else np.zeros(0, np.int64)
    if not len(every):
        return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint32)
    bit = np.concatenate([np.full(len(code), 1 << number, np.uint32) for number, code in enumerate(codes)])
    order = np.argsort(every, kind="stable")
    every, bit = every[order], bit[order]
    first = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
    left, right = np.divmod(every[first], n)
    return left.astype(np.int32), right.astype(np.int32), np.bitwise_or.reduceat(bit, first)


def _example(prepared: Prepared, record: int) -> str:
    names = prepared.record_names
    if names.offsets[record] == names.offsets[record + 1]:
        return str(prepared.record_id[record])
    return str(prepared.names.raw[int(names.values[names.offsets[record]])])[:120]
