"""How much a word tells about which company is meant: bits, from how many distinct names carry it.

The counts of the names at hand are added to a bundled table of counts, so that ten names alone still know
that TRADING tells nothing; the more names are at hand, the more they decide.
"""

import dataclasses
import functools
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resolution.names.scramble import scramble
from resolution.names.scripts import LATIN
from resolution.names.table import Names
from resolution.names.vocabulary import GENERIC

_BACKGROUND = Path(__file__).parent / "data" / "word_frequencies.tsv.gz"
MOST_BITS = 22.0
"""No single word tells more than this, however rare: four million companies to one."""


@dataclass(frozen=True)
class WordCounts:
    """In how many distinct names each word stands, and how many names there are, Latin and others apart."""

    per_word: NDArray[np.float64]
    latin_names: int
    other_names: int


def word_information(names: Names, counted: WordCounts | None = None) -> NDArray[np.float32]:
    """Bits per word of ``names.words``: log2 of the number of names over the number of names with the word.

    Words are counted once per distinct core name, Latin words against Latin names, others against the others;
    ``counted`` gives counts of a larger set that ``names`` are part of.
    """
    counted = count_words(names) if counted is None else counted
    background = _background()
    known = background[0]
    counts = counted.per_word + np.fromiter((known.get(word, 0) for word in names.words.text), float, len(names.words))
    latin, other = counted.latin_names + background[1], counted.other_names + background[2]
    # In a handful of names every word is rare: a floor keeps bits comparable between inputs of any size.
    total = np.maximum(np.where(names.words.script == LATIN, latin, other), 30_000.0)
    return np.clip(np.log2((total + 1.0) / (counts + 0.5)), 0.1, MOST_BITS).astype(np.float32)


def names_counted(counted: WordCounts) -> int:
    """Names that word information rests on: those counted and those behind the bundled table."""
    return counted.latin_names + counted.other_names + _background()[1] + _background()[2]


def core_fingerprints(names: Names) -> NDArray[np.uint64]:
    """A hash of each name's set of core words, 0 for names without any."""
    mixed = scramble(names.core.astype(np.uint64) + np.uint64(1))
    sums = np.add.reduceat(np.concatenate((mixed, [np.uint64(0)])), np.minimum(names.core_offsets[:-1], len(mixed)))
    sums[np.diff(names.core_offsets) == 0] = 0
    return sums


def most_telling_first(names: Names, information: NDArray[np.float32]) -> Names:
    """The same names with each core in order of weight: words of its own before trade words, rare before common."""
    counts = np.diff(names.core_offsets)
    core, kind = names.core.copy(), names.core_kind.copy()
    bits = np.minimum(information * 40, 1023).astype(np.uint64)  # a fortieth of a bit; at most 22 bits
    size = 1 << 20
    for start in range(0, len(names), size):
        stop = min(start + size, len(names))
        part = slice(int(names.core_offsets[start]), int(names.core_offsets[stop]))
        row = np.repeat(np.arange(stop - start, dtype=np.uint64), counts[start:stop])
        word, is_generic = names.core[part].astype(np.uint64), (names.core_kind[part] == GENERIC).astype(np.uint64)
        # One integer per word - row 20 bits, generic 1, rarity 10, word 28, kind 3 - sorts far faster than an index.
        key = (
            (row << np.uint64(42))
            | (is_generic << np.uint64(41))
            | ((np.uint64(1023) - bits[names.core[part]]) << np.uint64(31))
        )
        key |= word << np.uint64(3) | names.core_kind[part].astype(np.uint64)
        key.sort()
        core[part] = ((key >> np.uint64(3)) & np.uint64((1 << 28) - 1)).astype(np.int32)
        kind[part] = (key & np.uint64(7)).astype(np.uint8)
    return dataclasses.replace(names, core=core, core_kind=kind)


def count_words(names: Names) -> WordCounts:
    """Count core words over the distinct core names."""
    fingerprint = core_fingerprints(names)
    _, first = np.unique(fingerprint, return_index=True)
    distinct = np.zeros(len(names), bool)
    distinct[first] = True
    distinct &= fingerprint != 0
    chosen = np.repeat(distinct, np.diff(names.core_offsets))
    counts = np.bincount(names.core[chosen], minlength=len(names.words)).astype(np.float64)
    latin = int((distinct & (names.script == LATIN)).sum())
    return WordCounts(counts, latin, int(distinct.sum()) - latin)


@functools.cache
def _background() -> tuple[dict[str, int], int, int]:
    """Word counts, number of Latin names, number of other names in the bundled table."""
    if not _BACKGROUND.exists():
        return {}, 0, 0
    with gzip.open(_BACKGROUND, "rt", encoding="utf-8") as lines:
        totals = next(lines).rstrip("\n").split("\t")
        counts = dict(_count(line) for line in lines)
    return counts, int(totals[1]), int(totals[2])


def _count(line: str) -> tuple[str, int]:
    word, count = line.rstrip("\n").split("\t")
    return word, int(count)
