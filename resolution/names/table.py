"""Understand many company names at once: the table of names that blocking and comparison work on."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.names.characters import fold
from resolution.names.phrases import find_phrases, kinds_in_context, phrase_table
from resolution.names.scripts import HAN, KANA, LATIN, MIXED, SCRIPTLESS, script_of
from resolution.names.vocabulary import GENERIC, LEGAL, NUMERAL, PLACE, WORD, legal_forms
from resolution.names.words import Words, number_words, split_words


@dataclass(frozen=True)
class Names:
    """Distinct names, understood. Word lists are ragged: name ``i`` has the entries ``offsets[i]:offsets[i+1]``."""

    raw: pa.StringArray  # as written
    words: Words
    offsets: NDArray[np.int64]
    word: NDArray[np.int32]  # every word in order, as the number of its canonical spelling
    kind: NDArray[np.uint8]  # what it does in this name
    place: NDArray[np.int16]  # which place it is (part of), -1 for none
    script: NDArray[np.uint8]  # per name
    legal_form: NDArray[np.int16]  # per name: the last legal form, -1 for none
    core_offsets: NDArray[np.int64]
    core: NDArray[np.int32]  # distinct words of the core name (distinctive, generic, numeral), ascending
    core_kind: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def read_names(raw: pa.Array) -> Names:
    """Understand distinct names; the result has one entry per entry of ``raw``, null read as empty."""
    raw = raw.cast(pa.string())
    offsets, encoded = split_words(fold(raw))
    written = encoded.dictionary
    ids = encoded.indices.to_numpy().astype(np.int32)
    words, canonical = number_words(written)
    found = find_phrases(offsets, ids, written.to_pylist())
    word = canonical[ids] if len(ids) else np.zeros(0, np.int32)
    kind = kinds_in_context(offsets, words.kind[word], found)
    _, _, code = phrase_table()
    place = np.where(kind == PLACE, code[found.phrase], -1).astype(np.int16)
    form_at = np.where((kind == LEGAL) & found.starts, code[found.phrase], -1)
    core_offsets, core, core_kind = _core(offsets, word, kind)
    return Names(
        raw=raw, words=words, offsets=offsets, word=word, kind=kind, place=place,
        script=_script_of_names(offsets, _scripts(written)[ids] if len(ids) else np.zeros(0, np.uint8)), legal_form=_last_form(offsets, form_at),
        core_offsets=core_offsets, core=core, core_kind=core_kind,
    )  # fmt: skip


def _scripts(written: pa.Array) -> NDArray[np.uint8]:
    texts = written.to_pylist()
    return np.fromiter((LATIN if t.isascii() and t.isalpha() else script_of(t) for t in texts), np.uint8, len(texts))


def _last_form(offsets: NDArray[np.int64], form_at: NDArray[np.int64]) -> NDArray[np.int16]:
    result = np.full(len(offsets) - 1, -1, np.int16)
    at = np.flatnonzero(form_at >= 0)
    row = np.searchsorted(offsets, at, side="right") - 1
    result[row] = form_at[at]  # ascending positions: the last assignment stays
    return result


def _script_of_names(offsets: NDArray[np.int64], script: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The script of the words of each name; digits do not count, Latin words inside Han names do not either."""
    seen = np.concatenate((np.left_shift(1, script.astype(np.uint16)), [0])).astype(np.uint16)
    mask = np.bitwise_or.reduceat(seen, np.minimum(offsets[:-1], len(script)))
    mask[np.diff(offsets) == 0] = 0
    mask &= ~np.uint16(1)
    lookup = np.full(1 << 12, MIXED, np.uint8)
    lookup[0] = SCRIPTLESS
    for script_number in range(1, MIXED):
        lookup[1 << script_number] = script_number
        if script_number in (HAN, KANA):
            lookup[(1 << script_number) | 2] = script_number
    lookup[(1 << HAN) | (1 << KANA)] = lookup[(1 << HAN) | (1 << KANA) | 2] = KANA
    return lookup[mask & 0x0FFF]


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


def legal_form_of(code: int) -> tuple[str, str] | None:
    """(form, family) of a legal form code, None for -1."""
    return None if code < 0 else legal_forms()[code]
