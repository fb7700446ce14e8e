"""Cut a text as published into tokens that can be compared, keeping where each one stood."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import icu
from rigour.addresses import address_fingerprint

from resolution.names.vocabulary import words

TOKEN_LIMIT = 200  # tokens looked at per value; names in the wild reach 10,000 characters
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = ("Hani", "Hira", "Kana", "Thai", "Khmr", "Laoo", "Mymr")  # written without spaces: one token a character
_EAST_ASIAN = ("Hani", "Hira", "Kana", "Hang", "Bopo")


@dataclass(frozen=True, slots=True)
class Token:
    """``text[start:end]`` of a value; equal ``key`` means the tokens say the same."""

    start: int
    end: int
    key: str
    script: str  # ISO 15924 code, Zyyy for digits, CJK scripts folded into Hani


def fold(text: str) -> str:
    """The comparable form of a token: case, accents, full width, simplified and traditional Han set aside."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter) not in ("Mn", "Po", "Pf"))
    folded = unicodedata.normalize("NFC", bare) or text
    if any(script_of(letter) == "Hani" for letter in folded):
        return str(_transliterator("Traditional-Simplified").transliterate(folded))
    return folded


def fold_name(text: str) -> str:
    """As ``fold``, and known words of trade by the word they stand for: Intl and International."""
    folded = fold(text)
    stands_for, _ = words().get(folded.upper(), (folded, None))
    return stands_for.casefold()


@lru_cache(maxsize=65_536)
def fold_address(text: str) -> str:
    """As ``fold``, and address words by their short form: street and st, room and rm, Floor and FL."""
    return address_fingerprint(text) or fold(text)


def tokens(text: str, folded: Callable[[str], str] = fold) -> list[Token]:
    """Tokens of a value in reading order, at most TOKEN_LIMIT of them, with ``folded`` texts as keys."""
    found: list[Token] = []
    for match in _WORD.finditer(text):
        for start, end, script in _runs(text, match.start(), match.end()):
            step = 1 if script in _UNSPACED else end - start
            for at in range(start, end, step):
                found.append(Token(at, at + step, folded(text[at : at + step]), _family(script)))
        if len(found) >= TOKEN_LIMIT:
            break
    return found[:TOKEN_LIMIT]


def romanised(text: str) -> str | None:
    """The text in Latin letters (ICU), or None when it has no other ones."""
    if not any(script_of(letter) not in ("Latn", "Zyyy", "Zinh") for letter in text if letter.isalpha()):
        return None
    return str(_transliterator("Any-Latin; Latin-ASCII").transliterate(text))


@lru_cache(maxsize=65_536)
def script_of(letter: str) -> str:
    """ISO 15924 code of one character; Zyyy where it belongs to no script, as digits do."""
    return str(icu.Script.getScript(ord(letter)).getShortName())


def _runs(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Stretches of one script inside a word; marks and digits stay with the letters before them."""
    runs: list[tuple[int, int, str]] = []
    for at in range(start, end):
        script = script_of(text[at])
        if runs and (script == runs[-1][2] or (script in ("Zinh", "Zyyy") and runs[-1][2] not in _UNSPACED)):
            runs[-1] = (runs[-1][0], at + 1, runs[-1][2])
        else:
            runs.append((at, at + 1, script))
    return runs


def _family(script: str) -> str:
    return "Hani" if script in _EAST_ASIAN else script


@lru_cache(maxsize=4)
def _transliterator(rules: str) -> icu.Transliterator:
    return icu.Transliterator.createInstance(rules)
