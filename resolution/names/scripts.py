"""Which writing system each character, word and name belongs to."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCRIPTLESS, LATIN, CYRILLIC, GREEK, ARABIC, HEBREW, THAI, HAN, KANA, HANGUL, OTHER = range(11)
MIXED = 11
SCRIPT_NAMES = (
    "none", "Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Thai", "Han", "kana", "Hangul", "other", "mixed",
)  # fmt: skip
"""What the numbers of scripts mean; ``SCRIPTLESS`` is digits, signs and blanks."""

SPACED = np.array([True, True, True, True, True, True, False, False, False, False, True, True])
"""Whether a script parts its words by blanks, by script number."""

_RANGES = (
    (0x0030, 0x0039, SCRIPTLESS), (0x0041, 0x005A, LATIN), (0x0061, 0x007A, LATIN), (0x00AA, 0x00AA, LATIN),
    (0x00BA, 0x00BA, LATIN), (0x00C0, 0x024F, LATIN), (0x0250, 0x02AF, LATIN), (0x0370, 0x03FF, GREEK),
    (0x0400, 0x052F, CYRILLIC), (0x0530, 0x058F, OTHER), (0x0590, 0x05FF, HEBREW), (0x0600, 0x06FF, ARABIC),
    (0x0750, 0x077F, ARABIC), (0x08A0, 0x08FF, ARABIC), (0x0900, 0x0DFF, OTHER), (0x0E00, 0x0E7F, THAI),
    (0x0E80, 0x10FF, OTHER), (0x1100, 0x11FF, HANGUL), (0x1200, 0x1DFF, OTHER), (0x1E00, 0x1EFF, LATIN),
    (0x1F00, 0x1FFF, GREEK), (0x2C60, 0x2C7F, LATIN), (0x2D00, 0x2DFF, OTHER), (0x2DE0, 0x2DFF, CYRILLIC),
    (0x2E80, 0x2FDF, HAN), (0x3005, 0x3007, HAN), (0x3040, 0x30FF, KANA), (0x3130, 0x318F, HANGUL),
    (0x31F0, 0x31FF, KANA), (0x3400, 0x4DBF, HAN), (0x4E00, 0x9FFF, HAN), (0xA000, 0xA63F, OTHER),
    (0xA640, 0xA69F, CYRILLIC), (0xA720, 0xA7FF, LATIN), (0xA800, 0xABFF, OTHER), (0xAC00, 0xD7FF, HANGUL),
    (0xF900, 0xFAFF, HAN), (0xFB00, 0xFB06, LATIN), (0xFB1D, 0xFB4F, HEBREW), (0xFB50, 0xFDFF, ARABIC),
    (0xFE70, 0xFEFE, ARABIC), (0xFF21, 0xFF3A, LATIN), (0xFF41, 0xFF5A, LATIN), (0xFF66, 0xFF9F, KANA),
    (0xFFA0, 0xFFDC, HANGUL), (0x10000, 0x1D3FF, OTHER), (0x20000, 0x323AF, HAN),
)  # fmt: skip


@functools.cache
def script_table() -> NDArray[np.uint8]:
    """The script number of every code point."""
    table = np.zeros(0x110000, np.uint8)
    for first, last, script in _RANGES:
        table[first : last + 1] = script
    return table


def script_of(text: str) -> int:
    """The one script of the letters of ``text``, ``MIXED`` for several, ``SCRIPTLESS`` for none."""
    return int(scripts_of([text])[0])


def scripts_of(texts: Sequence[str]) -> NDArray[np.uint8]:
    """The script of each text. Han with kana is Japanese writing and counts as ``KANA``."""
    points, offsets = code_points(texts)
    seen = np.left_shift(1, script_table()[points].astype(np.uint16)).astype(np.uint16)
    return script_of_mask(or_per_row(seen, offsets))


def script_of_mask(mask: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """The script for each set of scripts seen, given as bits by script number."""
    lookup = np.full(1 << MIXED, MIXED, np.uint8)
    lookup[0] = lookup[1] = SCRIPTLESS
    for script in range(1, MIXED):
        lookup[1 << script] = lookup[1 << script | 1] = script
    japanese = 1 << HAN | 1 << KANA
    lookup[japanese] = lookup[japanese | 1] = KANA
    return lookup[mask]


def code_points(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """All characters in a row, and where each text starts (one more entry for the end)."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return points, np.concatenate(([0], np.cumsum(lengths)))


def or_per_row(values: NDArray[Any], offsets: NDArray[np.int64]) -> NDArray[Any]:
    """Bitwise or over each row of a ragged array, 0 for empty rows."""
    padded = np.concatenate((values, np.zeros(1, values.dtype)))
    result = np.bitwise_or.reduceat(padded, offsets[:-1]) if len(offsets) > 1 else padded[:0]
    result[np.diff(offsets) == 0] = 0
    return result
