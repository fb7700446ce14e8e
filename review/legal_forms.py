"""Find the legal forms in a name that was cut into tokens, by the vocabulary the model itself uses."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from resolution.names.vocabulary import ANYWHERE, HEAD, LEGAL, TAIL, Phrase, legal_forms, phrases
from review.tokens import Token, tokens


@dataclass(frozen=True, slots=True)
class LegalForm:
    """``line[first:last]`` of a name's tokens is this legal form."""

    first: int
    last: int
    form: str  # ltd, gmbh …
    family: str  # limited, stock … : what the form amounts to in any country
    script: str

    def agrees_with(self, other: "LegalForm") -> bool:
        """The same form; across scripts, where forms are translated, the same family."""
        return self.form == other.form or (self.script != other.script and self.family == other.family)


def find_legal_forms(line: Sequence[Token]) -> list[LegalForm]:
    """The legal forms in a name, longest first where several begin at one token, none overlapping."""
    known, longest = _vocabulary()
    found: list[LegalForm] = []
    at = 0
    while at < len(line):
        for last in range(min(at + longest, len(line)), at, -1):
            phrase = known.get(tuple(token.key for token in line[at:last]))
            if phrase and _counts_here(phrase, at, last, len(line)):
                form, family = legal_forms()[phrase.code]
                found.append(LegalForm(at, last, form, family, line[at].script))
                at = last - 1
                break
        at += 1
    return found


def _counts_here(phrase: Phrase, first: int, last: int, length: int) -> bool:
    return bool(
        phrase.where & ANYWHERE or (phrase.where & TAIL and last == length) or (phrase.where & HEAD and first == 0)
    )


@functools.cache
def _vocabulary() -> tuple[dict[tuple[str, ...], Phrase], int]:
    known = {
        tuple(token.key for token in tokens(" ".join(phrase.words))): phrase
        for phrase in phrases()
        if phrase.kind == LEGAL
    }
    return known, max(map(len, known))
