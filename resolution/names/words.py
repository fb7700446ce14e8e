"""Split folded names into words and number the distinct ones.

Heavy work on words (kinds, canonical spelling, transliteration) is done once per distinct word.
"""

import functools
from dataclasses import dataclass

import icu
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from resolution.names.characters import in_chunks
from resolution.names.scramble import scramble
from resolution.names.scripts import CYRILLIC, GREEK, HAN, LATIN, MIXED, code_points, or_per_row, script_of, scripts_of
from resolution.names.sequences import KnownSequences
from resolution.names.vocabulary import LEAST_LONG, NUMERAL, PLACE, WORD, long_words, phrases, unspaced_words, words

LEAST_RIGHT = 0.85
"""Share of letters in place for a word to be taken for a misspelt legal form or trade word."""

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

    @functools.cached_property
    def strings(self) -> pa.StringArray:
        """``text`` as an Arrow array."""
        return pa.array(self.text, pa.string())

    @functools.cached_property
    def shapes(self) -> "WordShapes":
        return _shapes(self.text)

    @functools.cached_property
    def sounds(self) -> pa.StringArray:
        """The sound skeleton of each word; other scripts than Latin stand for themselves."""
        return sounds_of(self.text.tolist())


@dataclass(frozen=True)
class WordShapes:
    """What tells quickly that two words cannot be nearly the same."""

    letters: NDArray[np.uint32]  # which letters occur, as bits
    digits: NDArray[np.uint64]  # a number that equal digits share
    first: NDArray[np.uint32]  # first letter
    sum: NDArray[np.uint64]  # of its letters scrambled: the same for the same letters in any words and order
    length: NDArray[np.int16]


def _shapes(texts: NDArray[np.object_]) -> WordShapes:
    points, offsets = code_points(texts.tolist())
    letters = or_per_row(np.left_shift(np.uint32(1), points & np.uint32(31)), offsets)
    is_digit = (points >= 48) & (points <= 57)
    digits = np.zeros(len(texts), np.uint64)
    for row in np.flatnonzero(or_per_row(is_digit, offsets)).tolist():
        found = "".join(character for character in texts[row] if "0" <= character <= "9")
        digits[row] = (int(found[-15:]) + 1) * 16 + len(found) % 16
    first = points[offsets[:-1]] if len(points) else np.zeros(0, np.uint32)
    so_far = np.concatenate(([np.uint64(0)], np.cumsum(scramble(points.astype(np.uint64)), dtype=np.uint64)))
    length = np.minimum(np.diff(offsets), 1000).astype(np.int16)
    return WordShapes(letters, digits, first, so_far[offsets[1:]] - so_far[offsets[:-1]], length)


def split_words(folded: pa.StringArray) -> tuple[NDArray[np.int64], pa.DictionaryArray]:
    """Row offsets (length n + 1) and the words of all names in a row, dictionary-encoded."""
    lists = in_chunks(_split, folded)
    flat = pc.list_flatten(lists)
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy().astype(np.int64)
    # An empty name splits into one empty word, and what lies beyond MAX_WORDS is one word with blanks in it.
    rows = np.repeat(np.arange(len(counts)), counts)
    unread = pc.or_(pc.equal(flat, ""), pc.match_substring(flat, " ")).to_numpy(zero_copy_only=False)
    flat = flat.filter(pa.array(~unread))
    counts = np.bincount(rows[~unread], minlength=len(counts))
    return np.concatenate(([0], np.cumsum(counts))), flat.dictionary_encode()


def _split(folded: pa.StringArray) -> pa.ListArray:
    return pc.split_pattern(_segment(folded), " ", max_splits=MAX_WORDS)


@functools.cache
def _known_unspaced() -> tuple[KnownSequences, NDArray[np.uint64]]:
    """Known words of scripts without blanks, and the code of every character in them."""
    known = KnownSequences(unspaced_words())
    code = np.zeros(0x110000, np.uint64)
    for character, number in known.code.items():
        code[ord(str(character))] = number
    return known, code


def _segment(folded: pa.StringArray) -> pa.StringArray:
    """Part known words in scripts without blanks: 深圳市华为技术有限公司 becomes 深圳市 华为 技术 有限公司."""
    unspaced = pc.match_substring_regex(folded, r"[^\x{0}-\x{DFF}]")
    if not pc.any(unspaced).as_py():
        return folded
    parted = _part_known_words(folded.filter(unspaced).to_pylist())
    return pc.replace_with_mask(folded, unspaced, pa.array(parted, folded.type))


def _part_known_words(names: list[str]) -> list[str]:
    known, code = _known_unspaced()
    points, offsets = code_points([name + "\n" for name in names])
    row = np.repeat(np.arange(len(names), dtype=np.int32), np.diff(offsets))
    found = known.find(code[points], row)
    covered = found.sequence >= 0
    # A border is where a known word starts, or where uncovered characters follow one.
    border = found.starts.copy()
    border[1:] |= ~covered[1:] & covered[:-1]
    border[offsets[:-1]] = False
    blank = np.uint32(32)
    border[1:] &= (points[1:] != blank) & (points[:-1] != blank) & (points[1:] != 10)
    text = np.insert(points, np.flatnonzero(border), blank).tobytes().decode("utf-32-le")
    return text[:-1].split("\n")


def corrected(written: list[str]) -> list[str]:
    """The same words with long legal forms and trade words spelt right: AKTIENGESELSCHAFT, TECHNOLGY.

    A word is taken for one of them if their sound skeletons are equal and hardly a letter differs.
    """
    known = long_words()
    exact = set(known) | set(words())
    by_sound = dict(zip(sounds_of(list(known)).to_pylist(), known, strict=True))
    spoken = sounds_of(written)
    candidates = pc.is_in(spoken, value_set=pa.array(list(by_sound), pa.string()))
    result = list(written)
    for row in np.flatnonzero(candidates.to_numpy(zero_copy_only=False)).tolist():
        word = written[row]
        if len(word) >= LEAST_LONG and word not in exact:
            right = by_sound[spoken[row].as_py()]
            if OSA.normalized_similarity(word, right) >= LEAST_RIGHT:
                result[row] = right
    return result


def number_words(written: list[str]) -> tuple[Words, NDArray[np.int32]]:
    """Number the canonical forms of distinct ``written`` words.

    Gives the canonical words (with the Latin renderings of the others appended) and, for each written word, the
    number of its canonical word: TECH and TECHNOLOGIES are both TECHNOLOGY.
    """
    number: dict[str, int] = {}
    canonical = np.empty(len(written), np.int32)
    known = words()
    mixed = (scripts_of(written) == MIXED).tolist()
    for row, word in enumerate(written):
        if mixed[row]:
            word = _without_look_alikes(word)
        elif word[:1].isdecimal() and word[-2:] in _ORDINAL_ENDINGS and word[:-2].isdecimal():
            word = word[:-2]  # 709TH is the numeral 709
        meaning = known.get(word)
        canonical[row] = number.setdefault(word if meaning is None else meaning[0], len(number))
    own = list(number)
    latin = [
        number[word] if word.isascii() else number.setdefault(latin_rendering(word, script), len(number))
        for word, script in zip(own, scripts_of(own).tolist(), strict=True)
    ]
    latin.extend(range(len(latin), len(number)))
    text = np.array(list(number), dtype=object)
    kind = np.fromiter(map(_kind, number), np.uint8, len(number))
    return Words(text, kind, scripts_of(list(number)), np.array(latin, np.int32)), canonical


_ORDINAL_ENDINGS = frozenset(("ST", "ND", "RD", "TH"))


def _kind(word: str) -> int:
    if word.isdecimal():
        return NUMERAL
    return words()[word][1] if word in words() else WORD


_ALIKE = str.maketrans("CQWZ", "KKVS")


def sounds_of(words: list[str]) -> pa.StringArray:
    """Latin words without vowels, Y, H and repeats, with letters that sound alike made one: a word misspelt,
    romanised in another way or with letters doubled keeps its skeleton (KHAYBAR and KHEYBAR are both KBR)."""
    text = "\n".join(words).replace("PH", "F").translate(_ALIKE)
    points = np.frombuffer((text + "\n").encode("utf-32-le"), np.uint32)
    points = points[~np.isin(points, np.frombuffer("AEIOUYH".encode("utf-32-le"), np.uint32))]
    repeated = np.concatenate(([False], (points[1:] == points[:-1]) & (points[1:] > 64) & (points[1:] < 91)))
    bare = points[~repeated].tobytes().decode("utf-32-le")
    return pa.array(bare[:-1].split("\n"), pa.string())


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
    known = [phrase for phrase in phrases() if phrase.kind == PLACE]
    latin = {phrase.code: "".join(phrase.words) for phrase in reversed(known) if phrase.words[0].isascii()}
    return {p.words[0]: latin[p.code] for p in known if not p.words[0].isascii() and p.code in latin}


def latin_rendering(word: str, script: int) -> str:
    """A word of another script in Latin capitals without blanks: 华为 -> HUAWEI. What has no Latin form stays."""
    if word in _place_in_latin():
        return _place_in_latin()[word]
    if script == HAN:  # a table of characters: Han words are many, and read character by character
        rendered = "".join(map(_character_in_latin, word))
    else:
        rendered = _ascii_only(_to_latin().transliterate(word))
    return rendered or word
