"""Find legal forms and places, one word or several, in millions of names at once."""

import functools

import numpy as np
from numpy.typing import NDArray

from resolution.names.sequences import KnownSequences, Matches
from resolution.names.vocabulary import (
    ANYWHERE,
    GENERIC,
    HEAD,
    LEGAL,
    NUMERAL,
    PLACE,
    STOP,
    TAIL,
    WORD,
    phrases,
)


@functools.cache
def _known() -> KnownSequences:
    return KnownSequences([phrase.words for phrase in phrases()])


def find_phrases(offsets: NDArray[np.int64], word_ids: NDArray[np.int32], words: list[str]) -> Matches:
    """The phrases in each name by phrase number. ``words`` are the distinct written words ``word_ids`` point to."""
    known = _known()
    code_of_word = np.fromiter((known.code.get(word, 0) for word in words), np.uint64, len(words))
    row = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
    return known.find(code_of_word[word_ids], row)


@functools.cache
def phrase_table() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int16]]:
    """Kind, where and code of every phrase, by phrase number; one more row at the end for 'no phrase'."""
    found = phrases()
    kind = np.array([*(p.kind for p in found), 0], np.uint8)
    where = np.array([*(p.where for p in found), 0], np.uint8)
    code = np.array([*(p.code for p in found), -1], np.int16)
    return kind, where, code


def kinds_in_context(offsets: NDArray[np.int64], word_kind: NDArray[np.uint8], found: Matches) -> NDArray[np.uint8]:
    """The kind of each word in its name: a legal form counts only where it may stand (``AG`` at the end, ``PT``
    in front), and a name made of nothing but forms, places and trade words keeps some as its own."""
    kind, where, _ = phrase_table()
    result = word_kind.copy()
    result[kind[found.sequence] == PLACE] = PLACE
    legal = kind[found.sequence] == LEGAL
    chain = legal | (result == PLACE)
    others = np.concatenate(([0], np.cumsum(~chain)))
    counts = np.diff(offsets)
    at_end = (np.repeat(others[offsets[1:]], counts) - others[1:]) == 0
    in_front = (others[:-1] - np.repeat(others[offsets[:-1]], counts)) == 0
    allowed = where[found.sequence]
    counted = ((allowed & ANYWHERE) > 0) | (((allowed & TAIL) > 0) & at_end) | (((allowed & HEAD) > 0) & in_front)
    result[legal & counted] = LEGAL
    return _keep_something(offsets, result, found.starts)


def _keep_something(
    offsets: NDArray[np.int64], kind: NDArray[np.uint8], starts: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """A name without a word of its own is told by its places, else its trade, else its first form (``AB Corp``)."""
    counts = np.diff(offsets)
    for lent in (PLACE, GENERIC, LEGAL, LEGAL, STOP):
        own = np.concatenate(([0], np.cumsum((kind == WORD) | (kind == NUMERAL))))
        bare = (own[offsets[1:]] == own[offsets[:-1]]) & (counts > 0)
        if not bare.any():
            break
        promoted = np.repeat(bare, counts) & (kind == lent)
        if lent == LEGAL:
            # Only the first phrase: what comes before the second start.
            so_far = np.cumsum(starts)
            before = np.concatenate(([0], so_far))[offsets[:-1]]
            promoted &= (so_far - np.repeat(before, counts)) <= 1
        kind[promoted] = WORD
    return kind
