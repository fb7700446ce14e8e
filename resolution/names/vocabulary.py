"""The words company names are built from that are not anyone's own: legal forms, places, trades, numbers."""

import functools
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_DATA = Path(__file__).parent / "data"

WORD, GENERIC, NUMERAL, PLACE, LEGAL, STOP = range(6)
KIND_NAMES = ("distinctive", "generic", "numeral", "place", "legal form", "joining")
"""What a word does in its name. Distinctive words say which company it is."""

LEAST_LONG = 7
"""Letters a legal form or trade word needs to be recognised when misspelt."""

ANYWHERE, TAIL, HEAD = 1, 2, 4
_WHERE = {"any": ANYWHERE, "tail": TAIL, "head": HEAD}


@dataclass(frozen=True)
class Phrase:
    """One written legal form or place: its words, and where in a name it counts."""

    words: tuple[str, ...]
    kind: int  # LEGAL or PLACE
    where: int  # ANYWHERE, TAIL and HEAD added up
    code: int  # index into legal_forms() or places()


def _rows(file: str) -> list[list[str]]:
    text = unicodedata.normalize("NFKC", (_DATA / file).read_text(encoding="utf-8"))
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@functools.cache
def legal_forms() -> tuple[tuple[str, str], ...]:
    """Every legal form known, as (form, family): ``("gmbh", "limited")``. Sorted, so codes are stable."""
    return tuple(sorted({(form, family) for _, form, family, _ in _rows("legal_forms.tsv")}))


@functools.cache
def places() -> tuple[str, ...]:
    """Every place known: ``CN``, ``CN.SHENZHEN``, ``XX.ASIA`` (XX: a region of several countries)."""
    return tuple(sorted({code for _, code in _rows("places.tsv")}))


@functools.cache
def phrases() -> tuple[Phrase, ...]:
    """All legal forms and places as word sequences, each sequence once."""
    form_code = {form: code for code, form in enumerate(legal_forms())}
    place_code = {place: code for code, place in enumerate(places())}
    found: dict[tuple[str, ...], Phrase] = {}
    for alias, form, family, where in _rows("legal_forms.tsv"):
        words = tuple(alias.split(" "))
        place = _WHERE[where] | (found[words].where if words in found else 0)
        found[words] = Phrase(words, LEGAL, place, form_code[form, family])
    for alias, place_name in _rows("places.tsv"):
        words = tuple(alias.split(" "))
        found.setdefault(words, Phrase(words, PLACE, ANYWHERE, place_code[place_name]))
    return tuple(found.values())


@functools.cache
def words() -> dict[str, tuple[str, int]]:
    """Known single words: what each stands for and its kind (GENERIC, NUMERAL or STOP)."""
    kinds = {"generic": GENERIC, "number": NUMERAL, "stop": STOP}
    found = {word: (stands_for, kinds[kind]) for word, stands_for, kind in _rows("vocabulary.tsv")}
    plurals = {f"{word}S": meaning for word, meaning in found.items() if word.isascii() and meaning[1] == GENERIC}
    return {**plurals, **found}


@functools.cache
def long_words() -> tuple[str, ...]:
    """Words of legal forms and trade words long enough to be recognised when misspelt."""
    parts = {part for phrase in phrases() if phrase.kind == LEGAL for part in phrase.words}
    known = parts | {word for word, (_, kind) in words().items() if kind == GENERIC}
    return tuple(sorted(word for word in known if len(word) >= LEAST_LONG and word.isascii()))


@functools.cache
def unspaced_words() -> tuple[str, ...]:
    """Known words of scripts that write without blanks (Han, kana, Hangul, Thai), longest first."""
    singles = [phrase.words[0] for phrase in phrases() if len(phrase.words) == 1]
    found = {word for word in [*singles, *words()] if len(word) > 1 and ord(word[0]) >= 0x0E00}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))
