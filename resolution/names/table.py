"""Understand many company names at once: the table of names that blocking and comparison work on."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.names.characters import fold
from resolution.names.phrases import find_phrases, kinds_in_context, phrase_table
from resolution.names.scramble import scramble
from resolution.names.scripts import HAN, KANA, LATIN, MIXED, or_per_row, script_of_mask, scripts_of
from resolution.names.vocabulary import GENERIC, LEGAL, NUMERAL, PLACE, WORD, places
from resolution.names.words import Words, corrected, number_words, split_words


@dataclass(frozen=True)
class Names:
    """Distinct names, understood. Word lists are ragged: name ``i`` has the entries ``offsets[i]:offsets[i+1]``."""

    raw: pa.StringArray  # as written
    words: Words
    offsets: NDArray[np.int64]
    word: NDArray[np.int32]  # every word in order, as the number of its canonical spelling
    kind: NDArray[np.uint8]  # what it does in this name
    initial: NDArray[np.uint8]  # its first letter as written, 0 where that is not ASCII
    place: NDArray[np.int16]  # which place it is (part of), -1 for none
    script: NDArray[np.uint8]  # per name
    legal_form: NDArray[np.int16]  # per name: the last legal form, -1 for none
    core_offsets: NDArray[np.int64]
    core: NDArray[np.int32]  # distinct words of the core name (distinctive, generic, numeral), ascending
    core_kind: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def initials(self, rows: NDArray[np.integer] | None = None, *, with_company: bool = False) -> pa.StringArray:
        """The first letters of the words of each name (of ``rows``, else of all), without legal forms and joining
        words; ``with_company`` keeps the C of Company and Corporation. Only letters as they were written."""
        rows = np.arange(len(self)) if rows is None else rows
        at, row = self.positions(rows)
        kept = (self.kind[at] <= PLACE) & (self.initial[at] > 0)
        if with_company:
            company = np.isin(self.words.text, ("COMPANY", "CORPORATION"))
            kept |= (self.kind[at] == LEGAL) & company[self.word[at]]
        letters = np.ascontiguousarray(self.initial[at[kept]])
        ends = np.cumsum(np.bincount(row[kept], minlength=len(rows)))
        offsets = np.concatenate(([0], ends)).astype(np.int32)
        return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(letters))

    def positions(self, rows: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the words of ``rows`` stand, and which entry of ``rows`` each belongs to."""
        counts = np.diff(self.offsets)[rows]
        row = np.repeat(np.arange(len(rows)), counts)
        return np.repeat(self.offsets[rows] - (np.cumsum(counts) - counts), counts) + np.arange(len(row)), row

    @functools.cached_property
    def numeral_key(self) -> NDArray[np.int64]:
        """Per name a number that equal sets of numerals share, 0 for none."""
        return self._set_key(self.kind == NUMERAL, self.word)

    @functools.cached_property
    def place_key(self) -> NDArray[np.int64]:
        """Per name a number that equal sets of places share, 0 for none."""
        return self._set_key(self.kind == PLACE, self.place)

    @functools.cached_property
    def place_country_key(self) -> NDArray[np.int64]:
        """Per name a number that sets of places in the same countries share, 0 for none."""
        return self._set_key(self.kind == PLACE, country_of_place()[self.place])

    @functools.cached_property
    def own_signature(self) -> NDArray[np.uint64]:
        """Per name 64 bits, one set for each distinctive word and its Latin rendering: names without a common bit
        share no distinctive word."""
        own = self.core_kind != GENERIC
        bits = np.zeros(len(self.core), np.uint64)
        for word in (self.core, self.words.latin[self.core]):
            bits |= np.uint64(1) << (scramble(word.astype(np.uint64)) & np.uint64(63))
        return or_per_row(np.where(own, bits, np.uint64(0)), self.core_offsets)

    def _set_key(self, chosen: NDArray[np.bool_], value: NDArray[Any]) -> NDArray[np.int64]:
        at = np.flatnonzero(chosen)
        row = np.searchsorted(self.offsets, at, side="right") - 1
        pair = np.unique((row << 32) | value[at].astype(np.int64))
        mixed = scramble((pair & 0xFFFFFFFF).astype(np.uint64) + np.uint64(1)) >> np.uint64(24)
        # Forty bits each: sums of tens of values stay exact in the float sums of bincount.
        return np.bincount(pair >> 32, weights=mixed.astype(np.float64), minlength=len(self)).astype(np.int64)


def read_names(raw: pa.Array) -> Names:
    """Understand distinct names; the result has one entry per entry of ``raw``, null read as empty."""
    raw = raw.cast(pa.string())
    offsets, encoded = split_words(fold(raw))
    texts = corrected(encoded.dictionary.to_pylist())
    ids = encoded.indices.to_numpy().astype(np.int32)
    words, canonical = number_words(texts)
    initial = np.fromiter((ord(t[0]) if t[0].isascii() else 0 for t in texts), np.uint8, len(texts))
    found = find_phrases(offsets, ids, texts)
    word = canonical[ids]
    kind = kinds_in_context(offsets, words.kind[word], found)
    _, _, code = phrase_table()
    place = np.where(kind == PLACE, code[found.sequence], -1).astype(np.int16)
    form_at = np.where((kind == LEGAL) & found.starts, code[found.sequence], -1)
    core_offsets, core, core_kind = _core(offsets, word, kind)
    return Names(
        raw=raw, words=words, offsets=offsets, word=word, kind=kind, initial=initial[ids], place=place,
        script=_script_of_names(offsets, scripts_of(texts)[ids]), legal_form=_last_form(offsets, form_at),
        core_offsets=core_offsets, core=core, core_kind=core_kind,
    )  # fmt: skip


def _last_form(offsets: NDArray[np.int64], form_at: NDArray[np.int64]) -> NDArray[np.int16]:
    result = np.full(len(offsets) - 1, -1, np.int16)
    at = np.flatnonzero(form_at >= 0)
    row = np.searchsorted(offsets, at, side="right") - 1
    result[row] = form_at[at]  # ascending positions: the last assignment stays
    return result


def _script_of_names(offsets: NDArray[np.int64], script: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The script of the words of each name; digits do not count, Latin words inside Han or kana names neither."""
    bit = np.left_shift(1, np.minimum(script, MIXED - 1).astype(np.uint16)).astype(np.uint16)
    mask = or_per_row(bit, offsets)
    asian = (mask & (1 << HAN | 1 << KANA)) > 0
    mask[asian] &= ~np.uint16(1 << LATIN)
    result = script_of_mask(mask)
    result[or_per_row((script == MIXED).astype(np.uint8), offsets) > 0] = MIXED
    return result


def _core(
    offsets: NDArray[np.int64], word: NDArray[np.int32], kind: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    keep = (kind == WORD) | (kind == GENERIC) | (kind == NUMERAL)
    row = np.repeat(np.arange(len(offsets) - 1, dtype=np.int64), np.diff(offsets))[keep]
    key = (row << 35) | (word[keep].astype(np.int64) << 3) | kind[keep]
    key.sort()
    new = np.ones(len(key), bool)
    new[1:] = (key[1:] >> 3) != (key[:-1] >> 3)
    key = key[new]
    counts = np.bincount(key >> 35, minlength=len(offsets) - 1)
    core_offsets = np.concatenate(([0], np.cumsum(counts)))
    return core_offsets, ((key >> 3) & 0xFFFFFFFF).astype(np.int32), (key & 7).astype(np.uint8)


@functools.cache
def country_of_place() -> NDArray[np.int64]:
    """For each place code the number of its country or region; the last entry answers -1."""
    groups = [code if code.startswith("XX") else code.split(".")[0] for code in places()]
    known = sorted(set(groups))
    return np.array([*(known.index(group) for group in groups), -1], np.int64)
