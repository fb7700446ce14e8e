"""Find legal forms and places, one word or several, in millions of names at once."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.names.vocabulary import ANYWHERE, HEAD, LEGAL, PLACE, TAIL, Phrase, phrases

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class PhraseMatches:
    """For each word position: the phrase that covers it (-1 for none) and how many phrases start here (0 or 1)."""

    phrase: NDArray[np.int16]
    starts: NDArray[np.bool_]
    length: NDArray[np.uint8]  # words of the phrase, given at its start


@functools.cache
def _words_of_phrases() -> dict[str, int]:
    return {word: number for number, word in enumerate(sorted({w for p in phrases() for w in p.words}), start=1)}


def find_phrases(offsets: NDArray[np.int64], word_ids: NDArray[np.int32], words: list[str]) -> PhraseMatches:
    """Longest phrases first; words are taken once. ``words`` are the distinct written words ``word_ids`` point to."""
    known = _words_of_phrases()
    code_of_word = np.fromiter((known.get(word, 0) for word in words), np.uint64, len(words))
    code = code_of_word[word_ids] if len(words) else np.zeros(0, np.uint64)
    row = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
    phrase = np.full(len(code), -1, np.int16)
    starts = np.zeros(len(code), bool)
    length = np.zeros(len(code), np.uint8)
    position = np.flatnonzero(code)
    for size in range(max(len(p.words) for p in phrases()), 0, -1):
        keys, numbers = _keys_of_size(size)
        begin = position[position + size <= len(code)]
        for step in range(1, size):
            begin = begin[(code[begin + step] > 0) & (row[begin + step] == row[begin])]
        key = np.zeros(len(begin), np.uint64)
        for step in range(size):
            key = (key + code[begin + step]) * _MULTIPLIER
        slot = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        hit = keys[slot] == key if len(keys) else np.zeros(len(begin), bool)
        begin, slot = begin[hit], slot[hit]
        free = np.all([phrase[begin + step] < 0 for step in range(size)], axis=0)
        begin, slot = begin[free], slot[free]
        for step in range(size):
            phrase[begin + step] = numbers[slot]
        starts[begin] = True
        length[begin] = size
    return PhraseMatches(phrase, starts, length)


@functools.cache
def _keys_of_size(size: int) -> tuple[NDArray[np.uint64], NDArray[np.int16]]:
    known = _words_of_phrases()
    keys, numbers = [], []
    for number, phrase in enumerate(phrases()):
        if len(phrase.words) == size:
            key = np.zeros(1, np.uint64)
            for word in phrase.words:
                key = (key + np.uint64(known[word])) * _MULTIPLIER
            keys.append(key[0])
            numbers.append(number)
    order = np.argsort(np.array(keys, np.uint64))
    return np.array(keys, np.uint64)[order], np.array(numbers, np.int16)[order]


@functools.cache
def phrase_table() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int16]]:
    """Kind, where and code of every phrase, by phrase number; one more row at the end for 'no phrase'."""
    found: tuple[Phrase, ...] = phrases()
    kind = np.array([*(p.kind for p in found), 0], np.uint8)
    where = np.array([*(p.where for p in found), 0], np.uint8)
    code = np.array([*(p.code for p in found), -1], np.int16)
    return kind, where, code


def kinds_in_context(
    offsets: NDArray[np.int64], word_kind: NDArray[np.uint8], found: PhraseMatches
) -> NDArray[np.uint8]:
    """The kind of each word in its name: a legal form counts only where it may stand (``AG`` at the end, ``PT``
    in front), and a name made of nothing but forms, places and trade words keeps some as its own."""
    kind, where, _ = phrase_table()
    result = word_kind.copy()
    result[kind[found.phrase] == PLACE] = PLACE
    legal = kind[found.phrase] == LEGAL
    chain = legal | (result == PLACE)
    others = np.concatenate(([0], np.cumsum(~chain)))
    counts = np.diff(offsets)
    at_end = (np.repeat(others[offsets[1:]], counts) - others[1:]) == 0
    in_front = (others[:-1] - np.repeat(others[offsets[:-1]], counts)) == 0
    allowed = where[found.phrase]
    counted = ((allowed & ANYWHERE) > 0) | (((allowed & TAIL) > 0) & at_end) | (((allowed & HEAD) > 0) & in_front)
    result[legal & counted] = LEGAL
    for lent in (PLACE, 1, LEGAL, 5):
        # What a name without a word of its own is told by: its place, else its trade, else its form.
        own = (result == 0) | (result == 2)
        bare = np.add.reduceat(np.concatenate((own, [False])), np.minimum(offsets[:-1], len(own))) == 0
        bare &= counts > 0
        if not bare.any():
            break
        promoted = np.repeat(bare, counts) & (result == lent)
        result[promoted] = 0
    return result
