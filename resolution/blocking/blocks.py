"""Turn blocking keys into pairs, holding the cost of every block down.

A register states each entity once, so two of its records are never a pair. A block therefore costs the pairs
it really makes, not ``n * (n - 1) / 2``: three million records of one register against themselves cost nothing.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.names.scramble import scramble

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
    """One blocking rule applied: a record, its key, and values that make an over-full key finer, best first.

    Rows with a ``role`` (1 or 2) meet only rows of the other role: initials meet names spelt out.
    """

    record: Rows
    key: Keys
    finer: tuple[Keys, ...] = ()
    role: NDArray[np.int32] | None = None

    def take(self, chosen: NDArray[Any]) -> "KeyedRows":
        role = None if self.role is None else self.role[chosen]
        return KeyedRows(self.record[chosen], self.key[chosen], tuple(v[chosen] for v in self.finer), role)

    def with_key(self, key: Keys) -> "KeyedRows":
        return KeyedRows(self.record, key, self.finer, self.role)


@dataclass(frozen=True)
class Blocked:
    """Pairs of one rule, and what its blocks cost."""

    left: Rows
    right: Rows
    keys: int
    refined_keys: int
    capped_keys: int
    worst: list[tuple[int, int, int]]  # an example record, records in the block, pairs it would make

    def joined(self, other: "Blocked") -> "Blocked":
        return Blocked(
            np.concatenate((self.left, other.left)), np.concatenate((self.right, other.right)),
            self.keys + other.keys, self.refined_keys + other.refined_keys, self.capped_keys + other.capped_keys,
            sorted(self.worst + other.worst, key=lambda block: -block[2])[:10],
        )  # fmt: skip


def walls(source: NDArray[np.int32], is_register: NDArray[np.bool_], is_synthetic: NDArray[np.bool_]) -> Walls:
    side = np.where(is_register, source + 2, 0).astype(np.int32)  # a register without a source name is one register
    counts = np.bincount(side, minlength=1)
    counts[0] = 0
    return Walls(side, is_synthetic, int(counts.argmax()) if counts.any() else 0)


def pairs_of(rows: KeyedRows, walls: Walls, *, max_block_pairs: int, neighbours: int) -> Blocked:
    """All pairs of records that share a key, ``left < right``; a pair may come more than once.

    A block that would make more than ``max_block_pairs`` is split by the finer values one after another; at each
    step its records, in order of the finer value, meet the ``neighbours`` records that follow them.
    """
    rows = rows.with_key(_behind_wall(rows, walls))
    if rows.role is None:
        return _pairs(rows, walls, max_block_pairs, neighbours)
    inside = (walls.side[rows.record] == walls.dominant) & (walls.dominant > 0)
    # The largest register must not meet itself across roles either: its rows take one role at a time.
    first = _pairs(rows.take(~inside | (rows.role == 2)), walls, max_block_pairs, neighbours)
    second = _pairs(rows.take(inside == (rows.role == 1)), walls, max_block_pairs, neighbours) if inside.any() else None
    return first if second is None else first.joined(second)


def _pairs(rows: KeyedRows, walls: Walls, max_block_pairs: int, neighbours: int) -> Blocked:
    rows = rows.take(_may_meet(rows, walls))
    lefts: list[Rows] = []
    rights: list[Rows] = []
    keys, refined, capped = 0, 0, 0
    worst: list[tuple[int, int, int]] = []
    for level in range(len(rows.finer) + 1):
        if not len(rows.record):
            break
        rows, cost, first, last = _blocks(rows, walls)
        starts = np.flatnonzero(first)
        size = np.diff(np.concatenate((starts, [len(first)])))
        block_cost = np.add.reduceat(cost, starts)
        over = block_cost > max_block_pairs
        if level == 0:
            keys = int((block_cost > 0).sum())
            refined = int(over.sum())
            worst = _worst(rows.record[first], size, block_cost)
        over_row = np.repeat(over, size)
        _emit(rows.record, np.where(over_row, 0, cost), last - cost, lefts, rights)
        rows = rows.take(over_row)
        finer = rows.finer[level] if level < len(rows.finer) else rows.record.astype(np.uint64)
        if level == len(rows.finer) or _splits(rows.key, finer):
            _emit_neighbours(rows, finer, walls, neighbours, lefts, rights)
        if level < len(rows.finer):
            rows = rows.with_key(scramble(rows.key ^ scramble(finer)))
        capped = int((block_cost > max_block_pairs).sum())
    left = np.concatenate(lefts) if lefts else np.zeros(0, np.int32)
    right = np.concatenate(rights) if rights else np.zeros(0, np.int32)
    # Two names of one record may share a key; with roles, a register may have met itself.
    side = walls.side
    allowed = (left != right) & ((side[left] != side[right]) | (side[left] == 0))
    left, right = left[allowed], right[allowed]
    return Blocked(np.minimum(left, right), np.maximum(left, right), keys, refined, capped, worst)


def _behind_wall(rows: KeyedRows, walls: Walls) -> Keys:
    synthetic = walls.is_synthetic[rows.record]
    return np.where(synthetic, scramble(rows.key), rows.key) if synthetic.any() else rows.key


def _may_meet(rows: KeyedRows, walls: Walls) -> NDArray[np.bool_]:
    """Drop rows whose key nothing they may meet has: the other role, or what is outside the largest register.

    Keys are told apart by 26 of their bits here, so a few rows too many may stay.
    """
    keep = rows.key != 0
    slot = (rows.key >> np.uint64(38)).astype(np.int64)
    sides = walls.side[rows.record] == walls.dominant
    for group, needed in ((rows.role == 1, rows.role == 2), (rows.role == 2, rows.role == 1), (sides, ~sides)):
        if rows.role is None and group is not sides:
            continue
        if walls.dominant or group is not sides:
            present = np.zeros(1 << 26, bool)
            present[slot[needed & keep]] = True
            keep &= ~group | present[slot]
    return keep


def _blocks(rows: KeyedRows, walls: Walls) -> tuple[KeyedRows, NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Sort rows into blocks. Gives the sorted rows, how many rows each is paired with, block starts, and for each
    row the end of its partners: those are always the last ``cost`` rows of its block.

    Records outside registers come first in a block and meet all that follow; a register's records meet what
    follows the last of their register.
    """
    side = walls.side[rows.record] if rows.role is None else rows.role
    order = np.lexsort((rows.record, side, rows.key))
    rows, side = rows.take(order), side[order]
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


def _splits(key: Keys, finer: Keys) -> bool:
    """Whether the finer value differs within any block of rows sorted by key."""
    return bool(((key[1:] == key[:-1]) & (finer[1:] != finer[:-1])).any())


def _emit_neighbours(
    rows: KeyedRows, finer: Keys, walls: Walls, reach: int, lefts: list[Rows], rights: list[Rows]
) -> None:
    """Within over-full blocks, ordered by the finer value, each record meets those next to it: the parts into which
    a block is split stay tied, and where nothing splits it the pairs grow with the records, not their square."""
    side = walls.side[rows.record] if rows.role is None else rows.role
    order = np.lexsort((rows.record, finer, rows.key))
    record, key, side = rows.record[order], rows.key[order], side[order]
    for step in range(1, reach + 1):
        together = (key[step:] == key[:-step]) & ((side[step:] != side[:-step]) | (side[step:] == 0))
        lefts.append(record[:-step][together])
        rights.append(record[step:][together])


def _worst(example: Rows, size: NDArray[np.int64], cost: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    top = np.argsort(-cost, kind="stable")[:10]
    return [(int(example[i]), int(size[i]), int(cost[i])) for i in top if cost[i] > 0]
