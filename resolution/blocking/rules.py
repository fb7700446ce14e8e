"""The blocking rules: for each, which keys a record has."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.blocking.blocks import KeyedRows, Keys
from resolution.names.fields import Coded
from resolution.names.prepare import Prepared
from resolution.names.scramble import scramble
from resolution.names.scripts import HAN, LATIN
from resolution.names.vocabulary import GENERIC, NUMERAL, WORD

PREFIX_LENGTH = 8
LEAST_SOUNDS = 3
_SALTED = (
    "core", "own", "two", "rarest", "prefix", "first", "sounds", "acronym", "number", "lei", "phone", "email",
    "domain", "address",
)  # fmt: skip
_SALTS = {name: np.uint64(0x51ED270B * (number + 1)) for number, name in enumerate(_SALTED)}


@dataclass(frozen=True)
class Spellings:
    """The core words of every distinct name, and once more in Latin letters for names in other scripts.

    Words are in the order of the name table's core: the most telling first.
    """

    name: NDArray[np.int32]  # which name it spells
    offsets: NDArray[np.int64]
    word: NDArray[np.int32]
    is_generic: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.name)

    def nth(self, n: int) -> NDArray[np.int64]:
        """The n-th word of each spelling, -1 where it has fewer."""
        word = np.append(self.word, np.int32(-1))
        at = self.offsets[:-1] + n
        return np.where(at < self.offsets[1:], word[np.minimum(at, len(word) - 1)], -1).astype(np.int64)


def spellings(prepared: Prepared) -> Spellings:
    names = prepared.names
    n = len(names)
    foreign = np.flatnonzero((names.script > LATIN) & (np.diff(names.core_offsets) > 0))
    counts = np.diff(names.core_offsets)
    at = _ranges(names.core_offsets[foreign], counts[foreign])
    return Spellings(
        name=np.concatenate((np.arange(n), foreign)).astype(np.int32),
        offsets=np.concatenate(([0], np.cumsum(np.concatenate((counts, counts[foreign]))))),
        word=np.concatenate((names.core, names.words.latin[names.core[at]])),
        is_generic=np.concatenate((names.core_kind, names.core_kind[at])) == GENERIC,
    )


def _ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    total = int(counts.sum())
    return np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(total)


class KeyMaker:
    """Makes the keys of each rule for one set of prepared records."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.spelt = spellings(prepared)
        self.country = scramble(prepared.country.codes.astype(np.int64).astype(np.uint64) + np.uint64(7))
        names = prepared.record_names
        record = np.repeat(np.arange(len(prepared), dtype=np.int32), names.counts())
        # A record has its names' spellings: the name itself, and the Latin rendering where there is one.
        extra = np.full(len(prepared.names), -1, np.int64)
        extra[self.spelt.name[len(prepared.names) :]] = np.arange(len(prepared.names), len(self.spelt))
        rendered = extra[names.values]
        has = rendered >= 0
        self.record = np.concatenate((record, record[has]))
        self.spelling = np.concatenate((names.values.astype(np.int64), rendered[has]))
        first, second = self.spelt.nth(0), self.spelt.nth(1)
        self.core = self._fingerprint(np.ones(len(self.spelt.word), bool), "core")
        self.own = self._fingerprint(~self.spelt.is_generic, "own")
        self.first = np.where(first >= 0, _hash(first, "rarest"), np.uint64(0))
        self.second = np.where(second >= 0, _hash(second, "rarest"), np.uint64(0))

    def _fingerprint(self, chosen: NDArray[np.bool_], salt: str) -> Keys:
        hashed = np.where(chosen, scramble(self.spelt.word.astype(np.uint64) + np.uint64(1)), np.uint64(0))
        sums = np.add.reduceat(
            np.concatenate((hashed, [np.uint64(0)])), np.minimum(self.spelt.offsets[:-1], len(hashed))
        )
        sums[np.diff(self.spelt.offsets) == 0] = 0
        return np.where(sums == 0, np.uint64(0), scramble(sums + _SALTS[salt]))

    def _of_records(self, key: Keys, *finer: Keys) -> KeyedRows:
        """Spelling keys as keys of the records that have the spelling; the country is the first refinement."""
        key_of = key[self.spelling]
        has = key_of != 0
        record, spelling = self.record[has], self.spelling[has]
        return KeyedRows(record, key_of[has], (self.country[record], *(values[spelling] for values in finer)))

    def same_core_words(self) -> KeyedRows:
        return self._of_records(self.core)

    def same_distinctive_words(self) -> KeyedRows:
        return self._of_records(self.own, self.core)

    def two_rarest_words(self) -> KeyedRows:
        parts = []
        word = [self.spelt.nth(n) for n in range(3)]
        for a, b in ((0, 1), (0, 2), (1, 2)):
            key = scramble(
                scramble(np.minimum(word[a], word[b]).astype(np.uint64))
                ^ np.maximum(word[a], word[b]).astype(np.uint64)
                ^ _SALTS["two"]
            )
            parts.append(self._of_records(np.where((word[a] >= 0) & (word[b] >= 0), key, np.uint64(0)), self.core))
        return _concatenate(parts)

    def rarest_word(self) -> KeyedRows:
        return self._of_records(self.first, self.second)

    def first_word(self) -> KeyedRows:
        """The first distinctive word, as brands mostly stand in front."""
        ends, word = self.own_in_order
        has = ends[:-1] < ends[1:]
        first = np.zeros(len(has), np.int64)
        first[has] = word[ends[:-1][has]]
        # A name of one distinctive word is found by that word under another rule; here it meets longer names.
        return self._of_records(np.where(has, _hash(first, "first"), np.uint64(0)), self.first, self.core)

    def same_beginning(self) -> KeyedRows:
        prefix = pc.utf8_slice_codeunits(self._joined(self.prepared.names.words.strings), 0, PREFIX_LENGTH)
        long_enough = pc.greater_equal(pc.utf8_length(prefix), PREFIX_LENGTH).to_numpy(zero_copy_only=False)
        return self._of_records(np.where(long_enough, _hash_texts(prefix, "prefix"), np.uint64(0)), self.core)

    def same_sounds(self) -> KeyedRows:
        """The sound skeletons of the distinctive words, written together: finds misspelt, joined and split words."""
        sounds = self._joined(self.prepared.names.words.sounds)
        enough = pc.greater_equal(pc.utf8_length(sounds), LEAST_SOUNDS).to_numpy(zero_copy_only=False)
        # Syllables of Han characters are so few that most of their skeletons are alike.
        enough &= self.prepared.names.script[self.spelt.name] != HAN
        return self._of_records(np.where(enough, _hash_texts(sounds, "sounds"), np.uint64(0)), self.core)

    @functools.cached_property
    def own_in_order(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The distinctive words of each spelling in the order of the name: offsets and words."""
        names = self.prepared.names
        at = np.flatnonzero((names.kind == WORD) | (names.kind == NUMERAL))
        row = np.searchsorted(names.offsets, at, side="right") - 1
        word = names.word[at]
        counts = np.bincount(row, minlength=len(names))
        offsets = np.concatenate(([0], np.cumsum(counts)))
        foreign = self.spelt.name[len(names) :].astype(np.int64)
        again = word[_ranges(offsets[foreign], counts[foreign])]
        ends = np.concatenate(([0], np.cumsum(np.concatenate((counts, counts[foreign])))))
        return ends, np.concatenate((word, names.words.latin[again]))

    def _joined(self, text_of_word: pa.StringArray) -> pa.StringArray:
        """The texts of the distinctive words of each spelling, written together."""
        ends, word = self.own_in_order
        texts = text_of_word.take(pa.array(word))
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), texts), "")

    def same_initials(self) -> KeyedRows:
        """Names that are one short word, against the initials of longer names."""
        texts = initials_of(self.prepared, self.spelt)
        keys = np.split(_hash_texts(pa.concat_arrays(texts), "acronym"), len(texts))
        parts = [self._of_records(key, self.core) for key in keys]
        role = np.repeat(np.array([1, 2, 2], np.int32), [len(part.record) for part in parts])
        joined = _concatenate(parts)
        return KeyedRows(joined.record, joined.key, joined.finer, role)

    def identifier(self, coded: Coded, salt: str, with_country: bool = False) -> KeyedRows:
        has = coded.codes >= 0
        record = np.flatnonzero(has).astype(np.int32)
        key = _hash(coded.codes[has].astype(np.int64), salt)
        if with_country:
            key = scramble(key ^ self.country[record])
        return KeyedRows(record, key, (self.country[record], self._own_of_record()[record]))

    def _own_of_record(self) -> Keys:
        own = np.zeros(len(self.prepared), np.uint64)
        own[self.record[::-1]] = self.own[self.spelling[::-1]]
        return own

    def address_and_word(self) -> KeyedRows:
        """The two rarest words of the address with any of the two rarest words of the name."""
        prepared = self.prepared
        if not len(prepared.address.texts):
            return KeyedRows(np.zeros(0, np.int32), np.zeros(0, np.uint64))
        rare = rarest(prepared.address_words.offsets, prepared.address_words.values, prepared.address_information, 2)
        address_key = scramble(
            rare[:, 0].astype(np.uint64) ^ scramble(rare[:, 1].astype(np.uint64)) ^ _SALTS["address"]
        )
        address_key[(rare < 0).any(axis=1)] = 0
        per_record = np.concatenate((address_key, [np.uint64(0)]))[prepared.address.codes]
        parts = []
        for word in (self.first, self.second):
            keyed = self._of_records(word)
            own = per_record[keyed.record]
            keyed = KeyedRows(keyed.record, scramble(keyed.key ^ own), (self.country[keyed.record],))
            parts.append(keyed.take(own != 0))
        return _concatenate(parts)


def rarest(
    offsets: NDArray[np.int64], word: NDArray[np.int32], information: NDArray[np.float32], most: int
) -> NDArray[np.int64]:
    """The ``most`` most telling words of each list, shape (lists, most), -1 where a list has fewer."""
    row = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    order = np.lexsort((word, -information[word], row))
    ranked = word[order]
    at = offsets[:-1, None] + np.arange(most)
    return (
        np.where(at < offsets[1:, None], ranked[np.minimum(at, max(len(ranked) - 1, 0))], -1)
        if len(ranked)
        else np.full((len(offsets) - 1, most), -1, np.int64)
    )


def _hash(values: NDArray[np.int64], salt: str) -> Keys:
    return scramble(scramble(values.astype(np.uint64) + np.uint64(1)) ^ _SALTS[salt])


def _hash_texts(texts: pa.StringArray, salt: str) -> Keys:
    """Hash texts by their number among the distinct ones; 0 for empty or null ones."""
    encoded = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts).dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(codes >= 0, _hash(codes, salt), np.uint64(0))


def initials_of(prepared: Prepared, spelt: Spellings) -> list[pa.StringArray]:
    """Per spelling three texts, empty where they do not apply: the name where it is one short Latin word (3-6
    letters), the initials of a longer name (3-6 of them), and these with the C of Company or Corporation."""
    names = prepared.names
    text = names.words.strings
    one = (np.diff(names.core_offsets) == 1) & (names.script == LATIN)
    only = np.full(len(names), -1, np.int64)
    only[one] = names.core[names.core_offsets[:-1][one]]
    word = text.take(pa.array(only, mask=only < 0))
    short = pc.fill_null(pc.match_substring_regex(word, "^[A-Z]{3,6}$"), False)
    nothing = pa.array([""] * (len(spelt) - len(names)), pa.string())
    result = [pa.concat_arrays([pc.if_else(short, word, ""), nothing])]
    for with_company in (False, True):
        initials = names.initials(with_company=with_company)
        length = pc.utf8_length(initials).to_numpy()
        several = pa.array((length >= 3) & (length <= 6) & (names.script == LATIN))
        result.append(pa.concat_arrays([pc.if_else(several, initials, ""), nothing]))
    return result


def _concatenate(parts: list[KeyedRows]) -> KeyedRows:
    return KeyedRows(
        np.concatenate([p.record for p in parts]),
        np.concatenate([p.key for p in parts]),
        tuple(np.concatenate(values) for values in zip(*(p.finer for p in parts), strict=True)),
    )


@dataclass(frozen=True)
class Rule:
    """A blocking rule; ``name`` is shown to users."""

    name: str
    keys: Callable[[KeyMaker], KeyedRows]


RULES: tuple[Rule, ...] = (
    Rule("same core words", KeyMaker.same_core_words),
    Rule("same distinctive words", KeyMaker.same_distinctive_words),
    Rule("two rarest words", KeyMaker.two_rarest_words),
    Rule("rarest word", KeyMaker.rarest_word),
    Rule("first word", KeyMaker.first_word),
    Rule("same beginning", KeyMaker.same_beginning),
    Rule("same sounds", KeyMaker.same_sounds),
    Rule("same initials", KeyMaker.same_initials),
    Rule("registration number", lambda maker: maker.identifier(maker.prepared.registration_number, "number", True)),
    Rule("LEI", lambda maker: maker.identifier(maker.prepared.lei, "lei")),
    Rule("phone", lambda maker: maker.identifier(maker.prepared.phone, "phone")),
    Rule("e-mail", lambda maker: maker.identifier(maker.prepared.email, "email")),
    Rule("web domain", lambda maker: maker.identifier(maker.prepared.domain, "domain")),
    Rule("address and a word", KeyMaker.address_and_word),
)
"""All rules, in the order of the bits of ``Candidates.rules``."""


def keyed_rows(prepared: Prepared) -> Iterator[tuple[Rule, KeyedRows]]:
    """Each rule with its keys."""
    maker = KeyMaker(prepared)
    for rule in RULES:
        yield rule, rule.keys(maker)
