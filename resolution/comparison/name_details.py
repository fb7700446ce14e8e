"""Compare what a name says beside its words: numerals, legal form, places, initials, and its letters as a whole."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from resolution.comparison.name_pairs import TRANSLITERATED, NamePairs
from resolution.names.prepare import Prepared
from resolution.names.vocabulary import NUMERAL, legal_forms

Values = NDArray[np.float32]


def letters_likeness(prepared: Prepared, pairs: NamePairs) -> Values:
    """How alike the letters of the two cores are, in any word order or written together, 0-1."""
    result = np.full(len(pairs.left), np.nan, np.float32)
    result[pairs.agreement >= 0.9999] = 1
    rows = np.flatnonzero(pairs.agreement < 0.9999)
    if not len(rows):
        return result
    in_latin = pairs.path[rows] == TRANSLITERATED
    text_left, together_left = core_texts(prepared, pairs.left[rows], in_latin)
    text_right, together_right = core_texts(prepared, pairs.right[rows], in_latin)
    sorted_ = process.cpdist(text_left, text_right, scorer=fuzz.token_sort_ratio, dtype=np.float32)
    together = process.cpdist(together_left, together_right, scorer=fuzz.ratio, dtype=np.float32)
    result[rows] = np.maximum(sorted_, together) / 100
    return result


def core_texts(
    prepared: Prepared, name: NDArray[np.int32], in_latin: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Core words in the order of the name, with blanks and written together."""
    names = prepared.names
    at, row = names.positions(name)
    keep = names.kind[at] <= NUMERAL
    row, word = row[keep], names.word[at[keep]]
    word = np.where(in_latin[row], names.words.latin[word], word)
    texts = names.words.strings.take(pa.array(word))
    ends = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(name))))).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(ends), texts)
    return (
        pc.binary_join(lists, " ").to_numpy(zero_copy_only=False),
        pc.binary_join(lists, "").to_numpy(zero_copy_only=False),
    )


def numerals(prepared: Prepared, pairs: NamePairs) -> Values:
    """1 the same numerals, 0 different ones, 0.5 only one name has any, not-a-number where neither has."""
    a, b = prepared.names.numeral_key[pairs.left], prepared.names.numeral_key[pairs.right]
    result = np.where((a == 0) | (b == 0), 0.5, np.where(a == b, 1.0, 0.0))
    return np.where(((a == 0) & (b == 0)) | (pairs.left < 0), np.nan, result).astype(np.float32)


def legal_form(prepared: Prepared, pairs: NamePairs) -> Values:
    """1 the same form, 0.7 forms of one family (GmbH, Ltd), 0 of different ones, not-a-number where one has none."""
    families = sorted({family for _, family in legal_forms()})
    family_of = np.array([*(families.index(f) for _, f in legal_forms()), -1])
    general = families.index("company")
    form = prepared.names.legal_form
    a, b = form[pairs.left], form[pairs.right]
    family_a, family_b = family_of[a], family_of[b]
    value = np.where(a == b, 1.0, np.where(family_a == family_b, 0.7, 0.0))
    value = np.where((a != b) & ((family_a == general) | (family_b == general)), 0.7, value)
    return np.where((a < 0) | (b < 0) | (pairs.left < 0), np.nan, value).astype(np.float32)


def place(prepared: Prepared, pairs: NamePairs) -> Values:
    """1 the same place in both names, 0.5 places that may be one (a city and its country, or one name has none),
    0 different places, not-a-number where neither name has one."""
    names = prepared.names
    a, b = names.place_key[pairs.left], names.place_key[pairs.right]
    same_country = names.place_country_key[pairs.left] == names.place_country_key[pairs.right]
    value = np.where(a == b, 1.0, np.where((a == 0) | (b == 0) | same_country, 0.5, 0.0))
    return np.where(((a == 0) & (b == 0)) | (pairs.left < 0), np.nan, value).astype(np.float32)


def initials(prepared: Prepared, pairs: NamePairs) -> Values:
    """1 where one name is the initials of the other, 0 where one name could be initials but is not of the other."""
    result = np.full(len(pairs.left), np.nan, np.float32)
    names = prepared.names
    words = np.diff(names.core_offsets)
    a, b = words[pairs.left], words[pairs.right]
    rows = np.flatnonzero((pairs.left >= 0) & ((a == 1) != (b == 1)) & (pairs.agreement < 0.5))
    if not len(rows):
        return result
    short = np.where(a[rows] == 1, pairs.left[rows], pairs.right[rows])
    long = np.where(a[rows] == 1, pairs.right[rows], pairs.left[rows])
    letters = pa.array(names.words.text[names.core[names.core_offsets[short]]], pa.string())
    spelt = (names.initials(long), names.initials(long, with_company=True))
    equal = pc.or_(pc.equal(letters, spelt[0]), pc.equal(letters, spelt[1])).to_numpy(zero_copy_only=False)
    length = pc.utf8_length(letters).to_numpy()
    result[rows] = np.where((length >= 2) & (length <= 6), equal, np.nan)
    return result
