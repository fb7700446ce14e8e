"""Understand one company name: what each word in it is, for explanation, highlighting and tests.

There is one reading of names: this shows the bulk path's answer for a single name, and can therefore not differ.
"""

from dataclasses import dataclass

import pyarrow as pa

from resolution.names.scripts import SCRIPT_NAMES
from resolution.names.table import Names, read_names
from resolution.names.vocabulary import KIND_NAMES, legal_forms, places


@dataclass(frozen=True)
class NameWord:
    """One word of a name: its canonical spelling, its Latin rendering, and what it does in the name."""

    text: str
    latin: str
    kind: str  # one of resolution.names.vocabulary.KIND_NAMES
    place: str | None  # CN, CN.SHENZHEN, XX.ASIA: where kind is 'place'


@dataclass(frozen=True)
class Name:
    """A company name, understood. ``core`` are its words without legal forms, places and joining words, sorted."""

    raw: str
    script: str
    words: tuple[NameWord, ...]
    legal_form: str | None
    legal_family: str | None
    core: tuple[str, ...]

    @property
    def distinctive(self) -> tuple[str, ...]:
        """The words that say which company it is, in the order of the name."""
        return tuple(word.text for word in self.words if word.kind == KIND_NAMES[0])

    @property
    def latin(self) -> str:
        """The whole name in Latin letters, words parted by blanks."""
        return " ".join(word.latin for word in self.words)


def understand(name: str) -> Name:
    """Understand one name. Any text is accepted; one without letters or digits has no words."""
    return name_at(read_names(pa.array([name], pa.string())), 0)


def name_at(names: Names, row: int) -> Name:
    """Name number ``row`` of names read in bulk."""
    text, latin = names.words.text, names.words.latin
    span = range(int(names.offsets[row]), int(names.offsets[row + 1]))
    known_places = places()
    words = tuple(
        NameWord(
            text=str(text[names.word[at]]),
            latin=str(text[latin[names.word[at]]]),
            kind=KIND_NAMES[names.kind[at]],
            place=known_places[names.place[at]] if names.place[at] >= 0 else None,
        )
        for at in span
    )
    form = int(names.legal_form[row])
    core = names.core[names.core_offsets[row] : names.core_offsets[row + 1]]
    return Name(
        raw=names.raw[row].as_py() or "",
        script=SCRIPT_NAMES[names.script[row]],
        words=words,
        legal_form=None if form < 0 else legal_forms()[form][0],
        legal_family=None if form < 0 else legal_forms()[form][1],
        core=tuple(sorted(str(word) for word in text[core])),
    )
