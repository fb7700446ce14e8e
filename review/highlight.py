"""Mark in two texts what agrees and what differs, for reading side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.fuzz import ratio

from review.legal_forms import find_legal_forms
from review.tokens import Token, fold, tokens

Mark = Literal["same", "form", "near", "differ", "apart", "plain", "hidden"]
SHOWN_CHARACTERS = 600
NEAR_RATIO = 80.0  # rapidfuzz ratio, 0-100: one typing error in a word of five letters
JOINED_TOKENS = 4  # "SHEN ZHEN SHI" against "SHENZHENSHI"
_SHORTEST_NEAR = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text and how it compares.

    ``same`` stands on the other side too · ``form`` the other side has the same legal form · ``near`` almost
    stands there · ``differ`` does not, though the other side has words in this script · ``apart`` cannot be
    compared, the other side has none · ``hidden`` names an invisible character that stands here · ``plain``
    punctuation and space.
    """

    text: str
    mark: Mark


def highlight(text: str, others: Sequence[str], folded: Callable[[str], str] = fold) -> list[Segment]:
    """The text in segments, each marked by comparison with all the texts of the other side.

    Words are equal when ``folded`` makes them equal.
    """
    shown = text[:SHOWN_CHARACTERS]
    own = tokens(shown, folded)
    theirs = [tokens(other[:SHOWN_CHARACTERS], folded) for other in others]
    marks = _marks(own, theirs)
    segments: list[Segment] = []
    at = 0
    for token, mark in zip(own, marks, strict=True):
        segments += _visible(shown[at : token.start], "plain")
        segments += _visible(shown[token.start : token.end], mark)
        at = token.end
    segments += _visible(shown[at:], "plain")
    if len(text) > len(shown):
        segments.append(Segment(f" … {len(text) - len(shown):,} more characters", "hidden"))
    return _merged(segments)


def plain(text: str) -> list[Segment]:
    """The text uncompared, invisible characters made visible."""
    return [segment if segment.mark == "hidden" else Segment(segment.text, "plain") for segment in highlight(text, ())]


def _marks(own: Sequence[Token], theirs: Sequence[Sequence[Token]]) -> list[Mark]:
    keys = {token.key for other in theirs for token in other}
    scripts = {token.script for other in theirs for token in other}
    their_runs = {run for other in theirs for _, _, run in _joined(other)}
    their_forms = [form for other in theirs for form in find_legal_forms(other)]
    marks: list[Mark] = [_mark(token, keys, scripts, their_runs) for token in own]
    for first, last, run in _joined(own):
        if run in keys:
            marks[first:last] = ["same"] * (last - first)
    for form in find_legal_forms(own):
        if any(form.agrees_with(other) for other in their_forms):
            for at in range(form.first, form.last):
                # Characters a Han form has more than the other's mean something: 控股 is Holdings.
                if not (own[at].script == "Hani" and marks[at] == "differ"):
                    marks[at] = "form"
    return marks


def _mark(token: Token, keys: set[str], scripts: set[str], their_runs: set[str]) -> Mark:
    if token.key in keys or token.key in their_runs:
        return "same"
    if token.script not in scripts:
        return "apart"
    is_word = len(token.key) >= _SHORTEST_NEAR and token.key.isalpha()  # numbers and codes are equal or not
    if is_word and any(ratio(token.key, key) >= NEAR_RATIO for key in keys):
        return "near"
    return "differ"


def _joined(line: Sequence[Token]) -> list[tuple[int, int, str]]:
    """(first, last, key) of two to JOINED_TOKENS neighbouring tokens written as one word."""
    return [
        (first, last, key)
        for first in range(len(line))
        for last in range(first + 2, min(first + JOINED_TOKENS, len(line)) + 1)
        if len(key := "".join(token.key for token in line[first:last])) >= _SHORTEST_NEAR
        and line[first].script != "Hani"
    ]


def _visible(text: str, mark: Mark) -> list[Segment]:
    """Control, direction and zero-width characters replaced by their code point, marked hidden."""
    segments: list[Segment] = []
    start = 0
    for at, letter in enumerate(text):
        if _is_hidden(letter):
            segments += [Segment(text[start:at], mark), Segment(f"U+{ord(letter):04X}", "hidden")]
            start = at + 1
    segments.append(Segment(text[start:], mark))
    return [segment for segment in segments if segment.text]


def _is_hidden(letter: str) -> bool:
    code = ord(letter)
    return (
        code < 0x20
        or 0x7F <= code <= 0x9F
        or code in (0xAD, 0x34F, 0x61C, 0x3164, 0xFEFF, 0xFFFD)
        or 0x180B <= code <= 0x180E
        or 0x200B <= code <= 0x200F
        or 0x2028 <= code <= 0x202E
        or 0x2060 <= code <= 0x206F
        or 0xFFF9 <= code <= 0xFFFB
        or 0xE0000 <= code <= 0xE0FFF
    )


def _merged(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours of one mark as one segment; a space between two equal marks joins them."""
    merged: list[Segment] = []
    for index, segment in enumerate(segments):
        before = merged[-1].mark if merged else "plain"
        after = segments[index + 1].mark if index + 1 < len(segments) else "plain"
        joins = segment.text.isspace() and before == after != "hidden"
        mark = before if segment.mark == "plain" and joins else segment.mark
        if merged and merged[-1].mark == mark and mark != "hidden":
            merged[-1] = Segment(merged[-1].text + segment.text, mark)
        else:
            merged.append(Segment(segment.text, mark))
    return merged
