"""Find known sequences of symbols - words in names, characters in words - in millions of rows at once."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Matches:
    """For each position: the number of the sequence that covers it, -1 for none; and where sequences start."""

    sequence: NDArray[np.int16]
    starts: NDArray[np.bool_]


class KnownSequences:
    """Sequences to look for, numbered in the order given. Longer ones win, each position is taken once."""

    def __init__(self, sequences: Sequence[Sequence[Hashable]]) -> None:
        symbols = sorted({symbol for sequence in sequences for symbol in sequence}, key=str)
        self.code: dict[Hashable, int] = {symbol: number for number, symbol in enumerate(symbols, start=1)}
        self._by_size: dict[int, tuple[NDArray[np.uint64], NDArray[np.int16], NDArray[np.bool_]]] = {}
        for size in sorted({len(sequence) for sequence in sequences}, reverse=True):
            numbers = [number for number, sequence in enumerate(sequences) if len(sequence) == size]
            codes = np.array([[self.code[symbol] for symbol in sequences[number]] for number in numbers], np.uint64)
            keys = _hash([codes[:, step] for step in range(size)])
            order = np.argsort(keys)
            may_begin = np.zeros(len(symbols) + 1, bool)
            may_begin[codes[:, 0].astype(np.int64)] = True
            self._by_size[size] = keys[order], np.array(numbers, np.int16)[order], may_begin

    def find(self, code: NDArray[np.uint64], row: NDArray[np.integer]) -> Matches:
        """``code`` holds the code of each symbol, 0 for those in no sequence; a sequence lies within one ``row``."""
        sequence = np.full(len(code), -1, np.int16)
        starts = np.zeros(len(code), bool)
        position = np.flatnonzero(code)
        small = code[position].astype(np.int64)
        for size, (keys, numbers, may_begin) in self._by_size.items():
            begin = position[may_begin[small]]
            begin = begin[begin + size <= len(code)]
            for step in range(1, size):
                begin = begin[(code[begin + step] > 0) & (row[begin + step] == row[begin])]
            key = _hash([code[begin + step] for step in range(size)])
            slot = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            hit = keys[slot] == key
            begin, slot = begin[hit], slot[hit]
            free = np.all([sequence[begin + step] < 0 for step in range(size)], axis=0)
            begin, slot = begin[free], slot[free]
            if size > 1 and len(begin):
                # Of two overlapping finds of one size the earlier counts.
                apart = np.concatenate(([True], np.diff(begin) >= size))
                begin, slot = begin[apart], slot[apart]
            for step in range(size):
                sequence[begin + step] = numbers[slot]
            starts[begin] = True
        return Matches(sequence, starts)


def _hash(codes: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    key = np.zeros(len(codes[0]), np.uint64)
    for code in codes:
        key = (key + code) * _MULTIPLIER
    return key
