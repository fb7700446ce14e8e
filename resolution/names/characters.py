"""Fold the characters of names: case, width, accents, punctuation, controls, traditional Han to simplified.

Folding is a table from one code point to a short replacement, so a name folds the same alone or among
millions, and millions fold as one array of code points instead of one Python string each.
"""

import functools
import unicodedata

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
    parts = [_fold_chunk(names.slice(start, _CHUNK)) for start in range(0, len(names), _CHUNK)]
    if not parts:
        return pa.array([], pa.string())
    return pa.concat_arrays(parts)


def _fold_chunk(names: pa.Array) -> pa.StringArray:
    cut = pc.utf8_slice_codeunits(pc.fill_null(names.cast(pa.string()), ""), 0, MAX_NAME_LENGTH)
    cut = pc.utf8_normalize(cut, "NFKC")
    # Newlines part the names in one long array of code points, so none may remain inside a name.
    cut = pc.replace_substring(cut, "\n", " ")
    points = np.frombuffer(
        "\n".join(cut.to_pylist()).encode("utf-32-le", "replace") + "\n".encode("utf-32-le"), np.uint32
    )
    points = _replace(points)
    points = _part_scripts(points)
    points = _collapse_blanks(points)
    points = _join_single_letters(points)
    text = points.tobytes().decode("utf-32-le")
    return pa.array(text[:-1].split("\n"), pa.string())


def _replace(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
    starts, lengths, replacements = _fold_table()
    length = lengths[points]
    if int(length.max(initial=1)) <= 1:
        return replacements[starts[points[length == 1]]]
    total = int(length.sum())
    first = np.cumsum(length, dtype=np.int64) - length
    source = np.repeat(starts[points].astype(np.int64) - first, length)
    source += np.arange(total)
    return replacements[source]


def _part_scripts(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
    if int(points.max(initial=0)) < 0x0E00:
        return points  # only writing systems that part words themselves
    script = script_table()[points]
    before, after = script[:-1], script[1:]
    unspaced = ~SPACED[before] | ~SPACED[after]
    letters = (points[:-1] > _SPACE) & (points[1:] > _SPACE)
    border = (before != after) & unspaced & letters & (before != SCRIPTLESS) & (after != SCRIPTLESS)
    return np.insert(points, np.flatnonzero(border) + 1, _SPACE) if border.any() else points


def _collapse_blanks(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
    blank = points == _SPACE
    edge = points == _NEWLINE
    previous = np.concatenate(([True], (blank | edge)[:-1]))
    following = np.concatenate((edge[1:], [True]))
    points = points[~(blank & (previous | following))]
    # A name that was blanks only leaves one blank in front of its newline's predecessor; look once more.
    blank = points == _SPACE
    if blank.any():
        edge = points == _NEWLINE
        points = points[~(blank & np.concatenate((edge[1:], [True])))]
    return points


_FORMS_IN_LETTERS = ("NV", "BV", "SA", "AG", "AS", "AB", "OY", "KK", "LP", "KG", "SE")
"""Legal forms written letter by letter after a name written letter by letter: ``D S M N V``."""


def _join_single_letters(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
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
