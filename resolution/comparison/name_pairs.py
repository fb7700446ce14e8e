"""Compare the names of record pairs: which words they share, nearly share, and do not share, in bits.

Names are padded to their ``WIDTH`` most telling core words, so that all words of all pairs meet in one array
operation; only words that stay alone on both sides are compared letter by letter, each distinct couple once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from resolution.names.prepare import Prepared
from resolution.names.scripts import LATIN
from resolution.names.vocabulary import GENERIC, NUMERAL

WIDTH = 8
"""Core words of a name that are compared: its most telling ones."""

LEAST_LIKENESS = 0.7
"""Words with a share of letters in place below this are different words (OSA similarity, 0-1)."""

GENERIC_BITS = 4.0
"""A trade word never tells more than this."""

_CHUNK = 100_000
Bits = NDArray[np.float32]

SAME_SCRIPT, TRANSLITERATED = 0, 1
NAME_PATHS = ("same script", "transliterated")
"""How two names were compared, by path number."""


@dataclass(frozen=True)
class NamePairs:
    """One row per pair of names (or, from ``best_names``, per pair of records: its most agreeing two names)."""

    left: NDArray[np.int32]  # name number, -1 where a record has no name
    right: NDArray[np.int32]
    agreement: Bits  # share of the information of both cores that is found in both, 0-1
    likeness: Bits  # the same for distinctive words alone
    shared: Bits  # bits of the words found in both
    own_shared: Bits  # bits of the distinctive words found in both
    left_only: Bits  # bits of words of the left core without a counterpart
    right_only: Bits
    path: NDArray[np.uint8]

    def take(self, rows: NDArray[np.int64]) -> "NamePairs":
        return NamePairs(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def best_names(prepared: Prepared, left: NDArray[np.int32], right: NDArray[np.int32]) -> NamePairs:
    """For each pair of records, their two names that agree most; not-a-number where one has no comparable name."""
    pair, name_left, name_right = _name_pairs(prepared, left, right)
    every = compare_name_pairs(prepared, name_left, name_right)
    score = every.agreement + every.shared * np.float32(1e-4)
    # Rows of one pair lie together.
    starts = np.flatnonzero(np.concatenate(([True], pair[1:] != pair[:-1]))) if len(pair) else np.zeros(0, np.int64)
    rows = pair[starts]
    if len(rows) < len(pair):
        highest = np.maximum.reduceat(score, starts)
        best = np.flatnonzero(score == np.repeat(highest, np.diff(np.concatenate((starts, [len(pair)])))))
        if len(best) > len(rows):
            # Of equally agreeing names those with the smaller numbers, whichever side they are on.
            a, b = every.left[best], every.right[best]
            best = best[np.lexsort((np.maximum(a, b), np.minimum(a, b), pair[best]))]
            best = best[np.concatenate(([True], pair[best[1:]] != pair[best[:-1]]))]
        chosen = every.take(best)
    else:
        chosen = every
    if len(rows) == len(left):
        return chosen
    result = _nothing(len(left))
    for name in result.__dataclass_fields__:
        getattr(result, name)[rows] = getattr(chosen, name)
    return result


def _nothing(n: int) -> NamePairs:
    missing = np.full((6, n), np.nan, np.float32)
    none = np.full((2, n), -1, np.int32)
    path = np.zeros(n, np.uint8)
    return NamePairs(none[0], none[1], missing[0], missing[1], missing[2], missing[3], missing[4], missing[5], path)


def _name_pairs(
    prepared: Prepared, left: NDArray[np.int32], right: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """The names of the left records with those of the right ones, names without words left out.

    Where some of a pair's names share a distinctive word, those that share none are not compared.
    """
    offsets, values = prepared.record_names.offsets, prepared.record_names.values
    lefts, rights = offsets[left + 1] - offsets[left], offsets[right + 1] - offsets[right]
    counts = lefts * rights
    pair = np.repeat(np.arange(len(left)), counts)
    step = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    name_left = values[offsets[left][pair] + step // np.maximum(rights[pair], 1)]
    name_right = values[offsets[right][pair] + step % np.maximum(rights[pair], 1)]
    words = np.diff(prepared.names.core_offsets) > 0
    signature = prepared.names.own_signature
    shared = (signature[name_left] & signature[name_right]) != 0
    some_shared = np.zeros(len(left), bool)
    some_shared[pair[shared]] = True
    usable = words[name_left] & words[name_right] & (shared | ~some_shared[pair])
    return pair[usable], name_left[usable], name_right[usable]


def compare_name_pairs(prepared: Prepared, left: NDArray[np.int32], right: NDArray[np.int32]) -> NamePairs:
    """Compare names by number; both must have core words."""
    result = _nothing(len(left))
    counts = np.minimum(np.diff(prepared.names.core_offsets), WIDTH)
    width = np.maximum(counts[left], counts[right])
    narrower = 0
    for wide in (3, 5, WIDTH):  # most names are short: padding all of them to the full width would be waste
        rows = np.flatnonzero((width > narrower) & (width <= wide))
        narrower = wide
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            compared = _compare_chunk(prepared, left[chunk], right[chunk], wide)
            for name in result.__dataclass_fields__:
                getattr(result, name)[chunk] = getattr(compared, name)
    return result


@dataclass(frozen=True)
class _Side:
    word: NDArray[np.int32]  # (n, WIDTH), -1 for none
    weight: Bits
    own: NDArray[np.bool_]  # distinctive


def _side(prepared: Prepared, name: NDArray[np.int32], in_latin: NDArray[np.bool_], width: int, absent: int) -> _Side:
    names = prepared.names
    at = names.core_offsets[name][:, None] + np.arange(width)
    present = at < names.core_offsets[name + 1][:, None]
    at = np.minimum(at, len(names.core) - 1)
    word = names.core[at]
    kind = names.core_kind[at]
    weight = prepared.information[word]
    weight = np.where(kind == GENERIC, np.minimum(weight, GENERIC_BITS), weight)
    word = np.where(in_latin[:, None], names.words.latin[word], word)
    weight = np.where(present, weight, 0).astype(np.float32)
    return _Side(np.where(present, word, absent), weight, present & (kind != GENERIC))


def _compare_chunk(prepared: Prepared, left: NDArray[np.int32], right: NDArray[np.int32], width: int) -> NamePairs:
    script = prepared.names.script
    crossing = (script[left] != script[right]) & ((script[left] > LATIN) | (script[right] > LATIN))
    a, b = _side(prepared, left, crossing, width, -1), _side(prepared, right, crossing, width, -2)
    equal = a.word[:, :, None] == b.word[:, None, :]
    found_a, found_b = equal.any(axis=2).astype(np.float32), equal.any(axis=1).astype(np.float32)
    _match_joined(prepared, a, b, found_a, found_b)
    _match_near(prepared, a, b, found_a, found_b)
    total_a, total_b = a.weight.sum(axis=1), b.weight.sum(axis=1)
    shared_a, shared_b = (a.weight * found_a).sum(axis=1), (b.weight * found_b).sum(axis=1)
    own_a, own_b = a.weight * a.own, b.weight * b.own
    own_total = own_a.sum(axis=1) + own_b.sum(axis=1)
    own_shared = (own_a * found_a).sum(axis=1) + (own_b * found_b).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        agreement = (shared_a + shared_b) / (total_a + total_b)
        likeness = np.where(own_total > 0, own_shared / own_total, 0)
    return NamePairs(
        left=left, right=right, agreement=np.minimum(agreement, 1).astype(np.float32),
        likeness=np.minimum(likeness, 1).astype(np.float32), shared=((shared_a + shared_b) / 2).astype(np.float32),
        own_shared=(own_shared / 2).astype(np.float32),
        left_only=(a.weight * (found_a == 0)).sum(axis=1), right_only=(b.weight * (found_b == 0)).sum(axis=1),
        path=np.where(crossing, TRANSLITERATED, SAME_SCRIPT).astype(np.uint8),
    )  # fmt: skip


def _match_joined(
    prepared: Prepared, a: _Side, b: _Side, found_a: NDArray[np.float32], found_b: NDArray[np.float32]
) -> None:
    """Mark the words left over on both sides as found where they are the same letters parted in another way:
    BIG DATA and BIGDATA, VAN DER BILT and VANDERBILT."""
    alone_a, alone_b = (a.word >= 0) & (found_a == 0), (b.word >= 0) & (found_b == 0)
    rows = np.flatnonzero(alone_a.any(axis=1) & alone_b.any(axis=1))
    letters = prepared.names.words.shapes.sum
    sum_a = np.where(alone_a[rows], letters[a.word[rows]], np.uint64(0)).sum(axis=1, dtype=np.uint64)
    sum_b = np.where(alone_b[rows], letters[b.word[rows]], np.uint64(0)).sum(axis=1, dtype=np.uint64)
    parted = alone_a[rows].sum(axis=1) != alone_b[rows].sum(axis=1)
    rows = rows[(sum_a == sum_b) & parted]
    found_a[rows] = np.maximum(found_a[rows], alone_a[rows])
    found_b[rows] = np.maximum(found_b[rows], alone_b[rows])


def _match_near(
    prepared: Prepared, a: _Side, b: _Side, found_a: NDArray[np.float32], found_b: NDArray[np.float32]
) -> None:
    """Mark words without an equal partner that have a near one (a typing error, a cut end) with their likeness."""
    alone_a, alone_b = (a.word >= 0) & (found_a == 0), (b.word >= 0) & (found_b == 0)
    both = np.flatnonzero(alone_a.any(axis=1) & alone_b.any(axis=1))
    row, i, j = np.nonzero(alone_a[both][:, :, None] & alone_b[both][:, None, :])
    row = both[row]
    word_a, word_b = a.word[row, i], b.word[row, j]
    possible = np.flatnonzero(_may_be_near(prepared, word_a, word_b))
    row, i, j, word_a, word_b = row[possible], i[possible], j[possible], word_a[possible], word_b[possible]
    likeness = _word_likeness(prepared, word_a, word_b)
    order = np.lexsort((j, i, -likeness, row))
    order = order[likeness[order] > 0]
    for _ in range(2):
        # Each word goes with its best partner; a word left over after that may take a second choice.
        order = order[(found_a[row[order], i[order]] == 0) & (found_b[row[order], j[order]] == 0)]
        _, first_a = np.unique(row[order] * WIDTH + i[order], return_index=True)
        best = order[np.sort(first_a)]
        _, first_b = np.unique(row[best] * WIDTH + j[best], return_index=True)
        best = best[np.sort(first_b)]
        found_a[row[best], i[best]] = likeness[best]
        found_b[row[best], j[best]] = likeness[best]


def _may_be_near(prepared: Prepared, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.bool_]:
    shape = prepared.names.words.shapes
    differing = np.bitwise_count(shape.letters[a] ^ shape.letters[b])
    gap = np.abs(shape.length[a].astype(np.int16) - shape.length[b])
    longer = np.maximum(shape.length[a], shape.length[b])
    short = np.minimum(shape.length[a], shape.length[b])
    typo = (differing <= 4) & (gap <= 0.3 * longer) & (short >= 4)
    cut = (
        (shape.first[a] == shape.first[b])
        & (short >= 4)
        & (((shape.letters[a] & ~shape.letters[b]) == 0) | ((shape.letters[b] & ~shape.letters[a]) == 0))
    )
    return (typo | cut) & (shape.digits[a] == shape.digits[b])


def _word_likeness(prepared: Prepared, a: NDArray[np.int32], b: NDArray[np.int32]) -> Bits:
    if not len(a):
        return np.zeros(0, np.float32)
    size = np.int64(len(prepared.names.words))
    couple, back = np.unique(a.astype(np.int64) * size + b, return_inverse=True)
    text = prepared.names.words.text
    text_a, text_b = text[couple // size], text[couple % size]
    likeness = process.cpdist(
        text_a, text_b, scorer=OSA.normalized_similarity, score_cutoff=LEAST_LIKENESS, dtype=np.float32
    )
    cut = np.fromiter(
        (x.startswith(y) or y.startswith(x) for x, y in zip(text_a, text_b, strict=True)), bool, len(couple)
    )
    return np.where(cut, np.maximum(likeness, np.float32(0.8)), likeness)[back].astype(np.float32)


__all__ = ["NAME_PATHS", "NUMERAL", "NamePairs", "best_names", "compare_name_pairs"]
