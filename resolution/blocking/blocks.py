"""Turn blocking keys into pairs, holding the cost of every block down.

A register states each entity once, so two of its records are never a pair. A block therefore costs the pairs
it really makes, not ``n * (n - 1) / 2``: three million records of one register against themselves cost nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.names.information import scramble

Keys = NDArray[np.uint64]
Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Walls:
    """What may never meet: ``side`` numbers the registers from 1, 0 is everything else; synthetic meets synthetic."""

    side: NDArray[np.int32]
    is_synthetic: NDArray[np.bool_]
    dominant: int  # the register with most records, 0 where there is none


@dataclass(frozen=True)
class KeyedRows:
    """One blocking rule applied: a record, its key, and values that make an over-full key finer, best first."""

    record: Rows
    key: Keys
    finer: tuple[Keys, ...] = ()

    def take(self, chosen: NDArray[np.bool_]) -> "KeyedRows":
        return KeyedRows(self.record[chosen], self.key[chosen], tuple(values[chosen] for values in self.finer))


@dataclass(frozen=True)
class Blocked:
    """Pairs of one rule, and what its blocks cost."""

    left: Rows
    right: Rows
    keys: int
    refined_keys: int
    capped_keys: int
    worst: list[tuple[int, int, int]]  # an example record, records in the block, pairs it would make


def walls(source: NDArray[np.int32], is_register: NDArray[np.bool_], is_synthetic: NDArray[np.bool_]) -> Walls:
    side = np.where(is_register, source + 2, 0).astype(np.int32)  # a register without a source name is one register
    counts = np.bincount(side)
    counts[0] = 0
    return Walls(side, is_synthetic, int(counts.argmax()) if counts.any() else 0)


def pairs_of(rows: KeyedRows, walls: Walls, *, max_block_pairs: int, neighbours: int) -> Blocked:
    """All pairs of records that share a key, each once per key, ``left < right``.

    A block that would make more than ``max_block_pairs`` is split by the finer values one after another. What is
    still over-full is sorted by all of them, and each record meets the ``neighbours`` records that follow it.
    """
    rows = KeyedRows(rows.record, _behind_wall(rows, walls), rows.finer)
    rows = rows.take(_may_meet(rows, walls))
    lefts: list[Rows] = []
    rights: list[Rows] = []
    keys, refined = 0, 0
    worst: list[tuple[int, int, int]] = []
    for level in range(len(rows.finer) + 1):
        if not len(rows.record):
            break
        rows, cost, first, last = _blocks(rows, walls)
        size = np.diff(np.concatenate((np.flatnonzero(first), [len(first)])))
        block_cost = np.add.reduceat(cost, np.flatnonzero(first))
        over = block_cost > max_block_pairs
        if level == 0:
            keys = int((block_cost > 0).sum())
            refined = int(over.sum())
            worst = _worst(rows.record[first], size, block_cost)
        over_row = np.repeat(over, size)
        _emit(rows.record, np.where(over_row, 0, cost), last - cost, lefts, rights)
        rows = rows.take(over_row)
        if level < len(rows.finer):
            rows = KeyedRows(rows.record, scramble(rows.key ^ scramble(rows.finer[level])), rows.finer)
    capped = _neighbours(rows, walls, neighbours, lefts, rights)
    left = np.concatenate(lefts) if lefts else np.zeros(0, np.int32)
    right = np.concatenate(rights) if rights else np.zeros(0, np.int32)
    distinct = left != right  # two names of one record may share a key
    left, right = left[distinct], right[distinct]
    return Blocked(np.minimum(left, right), np.maximum(left, right), keys, refined, capped, worst)


def _behind_wall(rows: KeyedRows, walls: Walls) -> Keys:
    synthetic = walls.is_synthetic[rows.record]
    return np.where(synthetic, scramble(rows.key), rows.key) if synthetic.any() else rows.key


def _may_meet(rows: KeyedRows, walls: Walls) -> NDArray[np.bool_]:
    """Drop rows of the largest register whose key nothing outside it has. Hash slots: a few too many may stay."""
    keep = rows.key != 0
    if walls.dominant:
        slot = (rows.key >> np.uint64(38)).astype(np.int64)
        inside = walls.side[rows.record] == walls.dominant
        outside = np.zeros(1 << 26, bool)
        outside[slot[~inside]] = True
        keep &= outside[slot]
    return keep


def _blocks(rows: KeyedRows, walls: Walls) -> tuple[KeyedRows, NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Sort rows into blocks. Gives the sorted rows, how many rows each is paired with, block starts, and for each
    row the end of its partners: those are always the last ``cost`` rows of its block.

    Records outside registers come first in a block and meet all that follow; a register's records meet what
    follows the last of their register.
    """
    side = walls.side[rows.record]
    order = np.lexsort((rows.record, side, rows.key))
    rows = KeyedRows(rows.record[order], rows.key[order], tuple(values[order] for values in rows.finer))
    side = side[order]
    n = len(order)
    first = np.ones(n, bool)
    first[1:] = rows.key[1:] != rows.key[:-1]
    starts = np.flatnonzero(first)
    block_end = np.repeat(np.concatenate((starts[1:], [n])), np.diff(np.concatenate((starts, [n]))))
    side_first = first.copy()
    side_first[1:] |= side[1:] != side[:-1]
    side_starts = np.flatnonzero(side_first)
    side_end = np.repeat(np.concatenate((side_starts[1:], [n])), np.diff(np.concatenate((side_starts, [n]))))
    begin = np.where(side == 0, np.arange(n) + 1, side_end)
    return rows, block_end - begin, first, block_end


def _emit(
    record: Rows, cost: NDArray[np.int64], begin: NDArray[np.int64], lefts: list[Rows], rights: list[Rows]
) -> None:
    total = int(cost.sum())
    if not total:
        return
    has = cost > 0
    counts, record_of, begin = cost[has], record[has], begin[has]
    shift = begin - (np.cumsum(counts) - counts)
    lefts.append(np.repeat(record_of, counts))
    rights.append(record[np.repeat(shift, counts) + np.arange(total)])


def _neighbours(rows: KeyedRows, walls: Walls, reach: int, lefts: list[Rows], rights: list[Rows]) -> int:
    if not len(rows.record):
        return 0
    side = walls.side[rows.record]
    # The key was refined by every finer value, so equal ones already lie together; records decide the rest.
    order = np.lexsort((rows.record, rows.key))
    record, key, side = rows.record[order], rows.key[order], side[order]
    for step in range(1, reach + 1):
        together = (key[step:] == key[:-step]) & ((side[step:] != side[:-step]) | (side[step:] == 0))
        lefts.append(record[:-step][together])
        rights.append(record[step:][together])
    return int((np.diff(key) != 0).sum()) + 1


def _worst(example: Rows, size: NDArray[np.int64], cost: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    top = np.argsort(-cost, kind="stable")[:10]
    return [(int(example[i]), int(size[i]), int(cost[i])) for i in top if cost[i] > 0]
