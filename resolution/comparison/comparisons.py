"""All comparisons, in the order of the columns of ``compare``."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.comparison import field_pairs, name_details
from resolution.comparison.name_pairs import NamePairs, best_names
from resolution.names.prepare import Prepared

Rows = NDArray[np.int32]
Values = NDArray[np.float32]


@dataclass(frozen=True)
class Pairs:
    """What every comparison may look at: the records of each pair and their two most agreeing names."""

    prepared: Prepared
    left: Rows
    right: Rows
    names: NamePairs


@dataclass(frozen=True)
class Comparison:
    """One judged aspect of a pair. ``meaning`` is shown to users; ``sentence`` words a value; not-a-number is
    'not comparable' and has no sentence."""

    name: str
    meaning: str
    sentence: Callable[[float], str]
    values: Callable[[Pairs], Values]


@dataclass(frozen=True)
class Compared:
    """One row per pair: all comparisons, and the look-alike measure of ``name_likeness`` with its path."""

    values: NDArray[np.float32]
    likeness: Values
    path: NDArray[np.uint8]


def compare_with_likeness(prepared: Prepared, left: Rows, right: Rows) -> Compared:
    """``compare`` and ``name_likeness`` in one go, which saves comparing the names twice."""
    left, right = left.astype(np.int32, copy=False), right.astype(np.int32, copy=False)
    pairs = Pairs(prepared, left, right, best_names(prepared, left, right))
    values = np.empty((len(left), len(COMPARISONS)), np.float32)
    for column, comparison in enumerate(COMPARISONS):
        values[:, column] = comparison.values(pairs)
    return Compared(values, _look_alike(pairs), pairs.names.path)


def compare(prepared: Prepared, left: Rows, right: Rows) -> NDArray[np.float32]:
    """One row per pair of record numbers, one column per entry of ``COMPARISONS``; not-a-number: not comparable."""
    return compare_with_likeness(prepared, left, right).values


def name_likeness(prepared: Prepared, left: Rows, right: Rows) -> tuple[Values, NDArray[np.uint8]]:
    """How much two names look like each other's, 0-1, whatever place, trade and legal form they add.

    The share of distinctive words found in both, lowered where these are so common that more than about
    ``CHANCE_NAMES`` names have them by chance. 0 where none is shared or nearly so, or a record has no name. Also the
    path, an index into ``NAME_PATHS``.
    """
    left, right = left.astype(np.int32, copy=False), right.astype(np.int32, copy=False)
    pairs = Pairs(prepared, left, right, best_names(prepared, left, right))
    return _look_alike(pairs), pairs.names.path


CHANCE_NAMES = 32
"""Names that may share distinctive words by chance before these tell too little to speak of likeness."""


def _look_alike(pairs: Pairs) -> Values:
    enough = np.log2(max(pairs.prepared.name_count, 2 * CHANCE_NAMES) / CHANCE_NAMES)
    telling = np.minimum(pairs.names.own_shared / enough, 1)
    return np.nan_to_num(pairs.names.likeness * telling).astype(np.float32)


def _yes_no(yes: str, no: str) -> Callable[[float], str]:
    return lambda value: yes if value >= 0.5 else no


def _graded(*steps: tuple[float, str]) -> Callable[[float], str]:
    """The first sentence whose bound the value reaches."""
    return lambda value: next((text for bound, text in steps if value >= bound), steps[-1][1])


def _field(name: str) -> Callable[[Pairs], Values]:
    return lambda p: field_pairs.equal_codes(getattr(p.prepared, name), p.left, p.right)


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "name_core", "Share of the information in both core names that is found in both, 0-1.",
        _graded((0.999, "the core names are the same"), (0.9, "the core names are nearly the same"),
                (0.6, "most of the core names agrees"), (0.3, "part of the core names agrees"),
                (0.0, "the core names hardly agree")),
        lambda p: p.names.agreement,
    ),
    Comparison(
        "name_likeness", "The same for distinctive words alone, whatever trade words are added, 0-1.",
        _graded((0.999, "the distinctive words are the same"), (0.8, "the distinctive words are nearly the same"),
                (0.4, "some distinctive words agree"), (0.0, "the distinctive words hardly agree")),
        lambda p: p.names.likeness,
    ),
    Comparison(
        "name_letters", "How alike the letters of the core names are, in any word order or written together, 0-1.",
        _graded((0.999, "the names are spelt the same"), (0.85, "the names are spelt alike"),
                (0.6, "the spelling of the names partly agrees"), (0.0, "the names are spelt differently")),
        lambda p: name_details.letters_likeness(p.prepared, p.names),
    ),
    Comparison(
        "shared_information", "Bits told by the words both names share: high for rare words.",
        _graded((16.0, "the shared words are very rare"), (10.0, "the shared words are rare"),
                (5.0, "the shared words are common"), (0.0, "only very common words are shared")),
        lambda p: p.names.shared,
    ),
    Comparison(
        "omitted_information", "Bits of words one name has and the other merely lacks.",
        _graded((8.0, "one name has a telling word more"), (2.0, "one name has a word more"),
                (0.0, "no word is left out")),
        lambda p: np.abs(p.names.left_only - p.names.right_only),
    ),
    Comparison(
        "contradicting_information", "Bits of words that stand against different words in the other name.",
        _graded((8.0, "telling words stand against each other"), (2.0, "some words stand against each other"),
                (0.0, "no words stand against each other")),
        lambda p: np.minimum(p.names.left_only, p.names.right_only),
    ),
    Comparison(
        "numerals", "1 the same numerals, 0.5 only one name has any, 0 different ones.",
        _graded((1.0, "the numerals agree"), (0.5, "only one name has a numeral"), (0.0, "the numerals differ")),
        lambda p: name_details.numerals(p.prepared, p.names),
    ),
    Comparison(
        "legal_form", "1 the same legal form, 0.7 forms of one family, 0 different forms.",
        _graded((1.0, "the legal forms agree"), (0.5, "the legal forms are of one kind"),
                (0.0, "the legal forms differ")),
        lambda p: name_details.legal_form(p.prepared, p.names),
    ),
    Comparison(
        "place_in_name", "1 the same place in both names, 0.5 one has none or they may be one, 0 different places.",
        _graded((1.0, "the names state the same place"), (0.5, "only one name states a place"),
                (0.0, "the names state different places")),
        lambda p: name_details.place(p.prepared, p.names),
    ),
    Comparison(
        "initials", "1 one name is the initials of the other, 0 it could be but is not.",
        _yes_no("one name is the initials of the other", "the initials do not fit"),
        lambda p: name_details.initials(p.prepared, p.names),
    ),
    Comparison(
        "other_script", "1 the names were compared across scripts, by transliteration, 0 in one script.",
        _yes_no("the names were compared by transliteration", "the names are in one script"),
        lambda p: np.where(p.names.left < 0, np.nan, p.names.path).astype(np.float32),
    ),
    Comparison(
        "country", "1 the same country, 0 different countries.",
        _yes_no("the country agrees", "the countries differ"), _field("country"),
    ),
    Comparison(
        "address", "Share of the information of both addresses that is found in both, 0-1.",
        _graded((0.95, "the addresses are the same"), (0.7, "the addresses are alike"),
                (0.4, "the addresses partly agree"), (0.0, "the addresses differ")),
        lambda p: field_pairs.address_likeness(p.prepared, p.left, p.right),
    ),
    Comparison(
        "city", "1 the same city, 0 different ones.", _yes_no("the city agrees", "the cities differ"), _field("city"),
    ),
    Comparison(
        "postcode", "1 the same postcode, 0 different ones.",
        _yes_no("the postcode agrees", "the postcodes differ"), _field("postcode"),
    ),
    Comparison(
        "registration_number", "1 the same registration number, 0 different ones, within one country.",
        _yes_no("the registration number agrees", "the registration numbers differ"),
        lambda p: field_pairs.equal_numbers(p.prepared, p.left, p.right),
    ),
    Comparison(
        "lei", "1 the same Legal Entity Identifier, 0 different ones.",
        _yes_no("the LEI agrees", "the LEIs differ"), _field("lei"),
    ),
    Comparison(
        "phone", "1 the same phone number, 0 different ones.",
        _yes_no("the phone number agrees", "the phone numbers differ"), _field("phone"),
    ),
    Comparison(
        "email", "1 the same e-mail address, 0 different ones.",
        _yes_no("the e-mail address agrees", "the e-mail addresses differ"), _field("email"),
    ),
    Comparison(
        "domain", "1 the same web domain, 0 different ones.",
        _yes_no("the web domain agrees", "the web domains differ"), _field("domain"),
    ),
    Comparison(
        "incorporated", "1 incorporated the same day, 0.5 within a month, 0 farther apart.",
        _graded((1.0, "incorporated on the same day"), (0.5, "incorporated within a month of each other"),
                (0.0, "incorporated at different times")),
        lambda p: field_pairs.incorporation_gap(p.prepared, p.left, p.right),
    ),
    Comparison(
        "born_too_late", "1 one was incorporated after the other was already known, 0 not.",
        _yes_no("one was incorporated after the other was already known", "the dates do not speak against it"),
        lambda p: field_pairs.born_too_late(p.prepared, p.left, p.right),
    ),
    Comparison(
        "chance_namesakes", "How many names share such words by chance, in doublings: below 0 hardly any does.",
        _graded((6.0, "many names share such words by chance"), (1.0, "some names share such words by chance"),
                (-4.0, "hardly any other name shares these words"),
                (-99.0, "no other name shares these words by chance")),
        lambda p: (np.log2(max(p.prepared.name_count, 1)) - p.names.shared).astype(np.float32),
    ),
    Comparison(
        "other_jurisdiction", "1 both are entries of registers and state different countries, 0 the same country.",
        _yes_no("they are registered in different countries", "they are registered in one country"),
        lambda p: field_pairs.other_jurisdiction(p.prepared, p.left, p.right),
    ),
)  # fmt: skip
"""Every comparison; the order is the order of the columns of ``compare``."""
