"""Split folded names into words and number the distinct ones.

Heavy work on words (kinds, canonical spelling, transliteration) is done once per distinct word.
"""

import functools
import re
from dataclasses import dataclass

import duckdb
import icu
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.names.scripts import CYRILLIC, GREEK, HAN, LATIN, MIXED, SCRIPTLESS, script_of
from resolution.names.vocabulary import NUMERAL, WORD, phrases, unspaced_words, words

MAX_WORDS = 48
"""Words of a name that are read; a longer one is cut, which bounds the work per name."""


@dataclass(frozen=True)
class Words:
    """The distinct words of a set of names, numbered.

    ``latin`` gives the number of a word's Latin rendering: itself for Latin words, a transliteration or the
    translation of a known trade word or place otherwise. ``kind`` is the kind of the word alone, out of context.
    """

    text: NDArray[np.object_]  # str per word
    kind: NDArray[np.uint8]
    script: NDArray[np.uint8]
    latin: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.text)


def split_words(folded: pa.StringArray) -> tuple[NDArray[np.int64], pa.DictionaryArray]:
    """Row offsets (length n + 1) and the words of all names in a row, dictionary-encoded."""
    lists = pc.split_pattern(_segment(folded), " ", max_splits=MAX_WORDS)
    flat = pc.list_flatten(lists)
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy().astype(np.int64)
    # An empty name splits into one empty word, and what lies beyond MAX_WORDS is one word with blanks in it.
    rows = np.repeat(np.arange(len(counts)), counts)
    unread = pc.or_(pc.equal(flat, ""), pc.match_substring(flat, " ")).to_numpy(zero_copy_only=False)
    flat = flat.filter(pa.array(~unread))
    counts = np.bincount(rows[~unread], minlength=len(counts))
    return np.concatenate(([0], np.cumsum(counts))), flat.dictionary_encode()


def _segment(folded: pa.StringArray) -> pa.StringArray:
    """Part known words inside scripts that write without blanks: 深圳市华为技术有限公司 -> 深圳市 华为 技术 有限公司."""
    unspaced = pc.match_substring_regex(folded, r"[^\x{0}-\x{DFF}]")
    if not pc.any(unspaced).as_py():
        return folded
    pattern = "(" + "|".join(map(re.escape, unspaced_words())) + ")"
    table = pa.table({"name": folded.filter(unspaced)})
    with duckdb.connect() as connection:
        connection.register("names", table)
        parted = connection.execute(
            r"select trim(regexp_replace(regexp_replace(name, $1, ' \1 ', 'g'), ' +', ' ', 'g')) as name from names",
            [pattern],
        ).to_arrow_table()["name"]
    return pc.replace_with_mask(folded, unspaced, parted.combine_chunks().cast(folded.type))


def number_words(dictionary: pa.Array) -> tuple[Words, NDArray[np.int32]]:
    """Number the canonical forms of the distinct words in ``dictionary``.

    Gives the canonical words (with the Latin renderings of the others appended) and, for each entry of
    ``dictionary``, the number of its canonical word: TECH and TECHNOLOGIES are both TECHNOLOGY.
    """
    written = dictionary.to_pylist()
    number: dict[str, int] = {}
    canonical = np.empty(len(written), np.int32)
    known = words()
    for row, word in enumerate(written):
        meaning = known.get(word)
        if meaning is not None:
            word = meaning[0]
        elif not word.isascii():
            word = _without_look_alikes(word)
            word = known[word][0] if word in known else word
        canonical[row] = number.setdefault(word, len(number))
    latin: list[int] = []
    for word in list(number):
        latin.append(number.setdefault(word if word.isascii() else latin_rendering(word), len(number)))
    latin.extend(range(len(latin), len(number)))
    text = np.array(list(number), dtype=object)
    kind = np.fromiter((_kind(word) for word in number), np.uint8, len(number))
    script = np.fromiter(
        (LATIN if w.isalpha() and w.isascii() else script_of(w) for w in number), np.uint8, len(number)
    )
    return Words(text, kind, script, np.array(latin, np.int32)), canonical


def _kind(word: str) -> int:
    if word.isdecimal():
        return NUMERAL
    return words()[word][1] if word in words() else WORD


_CYRILLIC_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІЈЅԚԜҮ", "ABEKMHOPCTYXIJSQWY")
_GREEK_LOOK_ALIKES = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")
_LATIN_LOOK_ALIKES = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")


def _without_look_alikes(word: str) -> str:
    """A word mixing Latin with letters drawn alike (Cyrillic К in AКTOBE) written in one script, if one fits."""
    if script_of(word) != MIXED:
        return word
    for fold in (_CYRILLIC_LOOK_ALIKES, _GREEK_LOOK_ALIKES, _LATIN_LOOK_ALIKES):
        folded = word.translate(fold)
        if script_of(folded) in (LATIN, CYRILLIC, GREEK):
            return folded
    return word


@functools.cache
def _to_latin() -> icu.Transliterator:
    return icu.Transliterator.createInstance("Any-Latin; Latin-ASCII; Upper")


@functools.lru_cache(maxsize=30_000)
def _character_in_latin(character: str) -> str:
    return _ascii_only(_to_latin().transliterate(character))


def _ascii_only(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isalnum())


@functools.cache
def _place_in_latin() -> dict[str, str]:
    """The Latin spelling of each place written in another script."""
    latin = {p.code: p.words for p in reversed(phrases()) if p.kind != WORD and p.words[0].isascii() and p.kind == 3}
    return {
        p.words[0]: "".join(latin[p.code])
        for p in phrases()
        if p.kind == 3 and not p.words[0].isascii() and p.code in latin
    }


def latin_rendering(word: str) -> str:
    """A word of another script in Latin capitals, without blanks: 华为 -> HUAWEI. Empty scripts stay as they are."""
    if word in _place_in_latin():
        return _place_in_latin()[word]
    if script_of(word) in (HAN, SCRIPTLESS):
        rendered = "".join(map(_character_in_latin, word))
    else:
        rendered = _ascii_only(_to_latin().transliterate(word))
    return rendered or word
