"""Fold the characters of names: case, width, accents, punctuation, controls, traditional Han to simplified.

Folding is a table from one code point to a short replacement, so a name folds the same alone or among
millions, and millions fold as one array of code points instead of one Python string each.
"""

import functools
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import icu
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.names.scripts import HAN, LATIN, SCRIPTLESS, SPACED, script_table

MAX_NAME_LENGTH = 400
"""Characters of a name that are read; the rest of a longer one is ignored, which bounds the work per name."""

_CHUNK = 400_000  # names folded at a time: about 100 MB of working arrays
_NEWLINE = 10
_SPACE = 32
_TOP = 0x110000

_SPELT_OUT = {
    "&": " AND ", "Ø": "O", "ø": "O", "Đ": "D", "đ": "D", "Ð": "D", "ð": "D", "Ł": "L", "ł": "L", "Æ": "AE", "æ": "AE",
    "Œ": "OE", "œ": "OE", "Þ": "TH", "þ": "TH", "Ħ": "H", "ħ": "H", "Ŋ": "N", "ŋ": "N", "Ə": "A", "ə": "A", "ı": "I",
    "'": "", "’": "", "‘": "", "`": "", "´": "", "ʻ": "", "ʼ": "", "ʹ": "", "ʿ": "", "ʾ": "", "＇": "",
    "٫": " ", "ـ": "", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ؤ": "و",
    "ئ": "ي", "ё": "Е", "Ё": "Е", "・": " ", "〇": "零", "ー": "ー", "№": " NO ", "@": " AT ",
}  # fmt: skip
_MARKS_BELONG = ("THAI", "DEVANAGARI", "BENGALI", "TAMIL", "KHMER", "MYANMAR", "LAO", "SINHALA", "GUJARATI",
                 "TELUGU", "KANNADA", "MALAYALAM", "GURMUKHI", "TIBETAN", "COMBINING KATAKANA")  # fmt: skip


def fold(names: pa.Array) -> pa.StringArray:
    """Names reduced to words parted by single blanks, in capitals, without accents, punctuation or controls.

    Takes strings (null counts as empty); gives a string array of the same length. Runs of single Latin
    letters are joined (``A.B.C.`` and ``A B C`` become ``ABC``) and a blank parts scripts that touch
    (``ABC科技`` becomes ``ABC 科技``).
    """
    names = pc.fill_null(names.cast(pa.string()), "")
    plain = pc.string_is_ascii(names)
    if not pc.any(plain).as_py() or pc.all(plain).as_py():
        return _fold_all(names)
    folded = pc.replace_with_mask(names, plain, _fold_all(names.filter(plain)))
    return pc.replace_with_mask(folded, pc.invert(plain), _fold_all(names.filter(pc.invert(plain))))


def _fold_all(names: pa.StringArray) -> pa.StringArray:
    return in_chunks(_fold_chunk, names)


def in_chunks(read: Callable[[pa.StringArray], pa.Array], names: pa.StringArray) -> pa.Array:
    """``read`` applied to names a chunk at a time on two threads (NumPy and Arrow let go of Python's lock)."""
    if len(names) <= _CHUNK:
        return read(names)
    with ThreadPoolExecutor(2) as threads:
        parts = list(threads.map(read, [names.slice(start, _CHUNK) for start in range(0, len(names), _CHUNK)]))
    return pa.concat_arrays(parts)


def _fold_chunk(names: pa.StringArray) -> pa.StringArray:
    cut = pc.utf8_slice_codeunits(names, 0, MAX_NAME_LENGTH)
    if not pc.all(pc.string_is_ascii(cut)).as_py():
        cut = pc.utf8_normalize(cut, "NFKC")
    # Newlines part the names in one long array of code points, so none may remain inside a name.
    lines = pc.binary_join_element_wise(pc.replace_substring(cut, "\n", " "), "", "\n")
    points = _code_points(_data(lines))
    points = _replace(points)
    points = _part_scripts(points)
    points = _collapse_blanks(points)
    points = _join_single_letters(points)
    return _strings(points)


def _data(strings: pa.StringArray) -> bytes:
    """All characters of a string array in a row, in UTF-8."""
    first, last = np.frombuffer(strings.buffers()[1], np.int32)[[strings.offset, strings.offset + len(strings)]]
    return memoryview(strings.buffers()[2])[int(first) : int(last)].tobytes()


def _code_points(text: bytes) -> NDArray[Any]:
    """One number per character: a byte where all are ASCII, else four."""
    if text.isascii():
        return np.frombuffer(text, np.uint8)
    return np.frombuffer(text.decode("utf-8").encode("utf-32-le"), np.uint32)


def _strings(points: NDArray[Any]) -> pa.StringArray:
    """The strings that newlines end, without them."""
    plain = points.dtype == np.uint8
    data = points if plain else np.frombuffer(points.tobytes().decode("utf-32-le").encode(), np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    offsets = np.concatenate(([0], ends - np.arange(len(ends)))).astype(np.int32)
    kept = np.ascontiguousarray(data[data != _NEWLINE])
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(kept))


def _replace(points: NDArray[Any]) -> NDArray[Any]:
    starts, lengths, replacements = _fold_table()
    replacements = replacements.astype(points.dtype)  # ASCII folds to ASCII
    length = lengths[points]
    if int(length.max(initial=1)) <= 1:
        return replacements[starts[points[length == 1]]]
    total = int(length.sum())
    first = np.cumsum(length, dtype=np.int64) - length
    source = np.repeat(starts[points].astype(np.int64) - first, length)
    source += np.arange(total)
    return replacements[source]


def _part_scripts(points: NDArray[Any]) -> NDArray[Any]:
    if points.dtype == np.uint8 or int(points.max(initial=0)) < 0x0E00:
        return points  # only writing systems that part words themselves
    script = script_table()[points]
    before, after = script[:-1], script[1:]
    unspaced = ~SPACED[before] | ~SPACED[after]
    letters = (points[:-1] > _SPACE) & (points[1:] > _SPACE)
    border = (before != after) & unspaced & letters & (before != SCRIPTLESS) & (after != SCRIPTLESS)
    return np.insert(points, np.flatnonzero(border) + 1, _SPACE) if border.any() else points


def _collapse_blanks(points: NDArray[Any]) -> NDArray[Any]:
    gap = (points == _SPACE) | (points == _NEWLINE)
    points = points[~((points == _SPACE) & np.concatenate((gap[1:], [True])))]
    starts = np.concatenate(([True], (points == _NEWLINE)[:-1]))
    return points[~((points == _SPACE) & starts)]


_FORMS_IN_LETTERS = ("NV", "BV", "SA", "AG", "AS", "AB", "OY", "KK", "LP", "KG", "SE")
"""Legal forms written letter by letter after a name written letter by letter: ``D S M N V``."""


def _join_single_letters(points: NDArray[Any]) -> NDArray[Any]:
    if len(points) < 4:
        return points
    gap = (points == _SPACE) | (points == _NEWLINE)
    letter = (points >= 65) & (points <= 90)
    alone = letter & np.concatenate(([True], gap[:-1])) & np.concatenate((gap[1:], [True]))
    joined = np.zeros(len(points), bool)
    joined[1:-1] = (points[1:-1] == _SPACE) & alone[:-2] & alone[2:]
    # x_x_N_V|: the blank in front of the last two letters stays if those are a form and two more come before.
    blank = np.flatnonzero(joined[2:-4]) + 2
    last = (points[blank + 1].astype(np.int64) << 8) | points[blank + 3]
    forms = np.array([(ord(form[0]) << 8) | ord(form[1]) for form in _FORMS_IN_LETTERS])
    at_end = joined[blank + 2] & ((points[blank + 4] == _NEWLINE) | ~joined[blank + 4]) & joined[blank - 2]
    joined[blank[at_end & np.isin(last, forms)]] = False
    return points[~joined]


@functools.cache
def _fold_table() -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint32]]:
    """For each code point: where its replacement starts, how long it is; and all replacements in a row."""
    simplified = icu.Transliterator.createInstance("Traditional-Simplified")
    starts = np.zeros(_TOP, np.int32)
    lengths = np.zeros(_TOP, np.uint8)
    flat: list[int] = []
    known: dict[str, int] = {}
    for point in range(_TOP):
        if 0xD800 <= point <= 0xDFFF or 0xE000 <= point <= 0xF8FF or point > 0x323AF:
            replacement = ""
        elif point == _NEWLINE:
            replacement = "\n"
        else:
            replacement = _folded_character(chr(point), simplified)
        if replacement not in known:
            known[replacement] = len(flat)
            flat.extend(map(ord, replacement))
        starts[point] = known[replacement]
        lengths[point] = len(replacement)
    return starts, lengths, np.array([*flat, 0], np.uint32)


def _folded_character(character: str, simplified: icu.Transliterator) -> str:
    if character in _SPELT_OUT:
        return _SPELT_OUT[character]
    category = unicodedata.category(character)
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if category in ("Cf", "Cn", "Cs", "Co", "Me"):
        return ""  # zero-width and direction marks stand inside words without parting them
    if category == "Mn":
        return character if unicodedata.name(character, "").startswith(_MARKS_BELONG) else ""
    if category[0] in "PS":
        return " "
    if category in ("Nd", "No") and (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    if script_table()[ord(character)] == HAN:
        return str(simplified.transliterate(character))[:1]
    decomposed = unicodedata.normalize("NFKD", character) if _loses_marks(character) else character
    bare = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return "".join(_SPELT_OUT.get(c, c) for c in bare.upper() if unicodedata.category(c)[0] in "LN")


def _loses_marks(character: str) -> bool:
    name = unicodedata.name(character, "")
    return script_table()[ord(character)] == LATIN or name.startswith(("GREEK", "ARABIC"))
