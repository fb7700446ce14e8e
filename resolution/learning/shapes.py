"""What is known of each comparison's curve before any data: where it may bend and which way it may go.

Yes/no comparisons have a neutral knot between their two values, so that agreeing, differing and not being
comparable are three different things and the last one says nothing.
"""

from resolution.learning.fit import Basis, GridShape, Shape
from resolution.scoring import Gate

RISING, FALLING, FREE = 1, -1, 0


def _yes_no(comparison: str) -> Shape:
    return Shape(comparison, (0.0, 0.5, 1.0), RISING, 0.5)


SHAPES: tuple[Shape, ...] = (
    Shape("name_likeness", (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97, 1.0), RISING, 0.7),
    Shape("name_letters", (0.0, 0.4, 0.6, 0.75, 0.85, 0.92, 0.97, 1.0), RISING, 0.75),
    Shape("chance_namesakes", (-40.0, -24.0, -14.0, -8.0, -4.0, 0.0, 4.0, 8.0, 14.0), FALLING, 0.0),
    Shape("omitted_information", (0.0, 1.5, 4.0, 8.0, 12.0, 18.0), FALLING, 0.0),
    Shape(
        "contradicting_information",
        (0.0, 1.5, 4.0, 8.0, 12.0, 18.0),
        FALLING,
        0.0,
        unless=(("name_letters", 0.97),),  # joined or split words do not contradict
    ),
    Shape("numerals", (0.0, 0.5, 0.75, 1.0), RISING, 0.75),
    Shape("legal_form", (0.0, 0.7, 0.85, 1.0), RISING, 0.85),
    Shape("place_in_name", (0.0, 0.5, 0.75, 1.0), RISING, 0.75),
    _yes_no("initials"),
    Shape("other_script", (0.0, 1.0), FREE, 0.0),
    _yes_no("country"),
    Shape("address", (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0), RISING, 0.35),
    _yes_no("city"),
    _yes_no("postcode"),
    _yes_no("registration_number"),
    _yes_no("lei"),
    _yes_no("phone"),
    _yes_no("email"),
    _yes_no("domain"),
    Shape("incorporated", (0.0, 0.25, 0.5, 1.0), RISING, 0.25),
    Shape("born_too_late", (0.0, 0.5, 1.0), FALLING, 0.5),
)
"""One shape per comparison that models weigh. ``name_core`` and
``shared_information`` are left out: they say again what the likeness of
distinctive words, the letters, and chance, omitted and contradicting words say, and would blur the reasons."""

LETTERS = (0.0, 0.5, 0.7, 0.85, 0.93, 0.98, 1.0)
WORD_BITS = (0.0, 1.5, 4.0, 8.0, 14.0)
THREE = (0.0, 0.5, 1.0)

GRIDS: tuple[GridShape, ...] = (
    GridShape("name_letters", "contradicting_information", LETTERS, WORD_BITS),
    GridShape("omitted_information", "contradicting_information", WORD_BITS, WORD_BITS),
    GridShape("name_letters", "numerals", LETTERS, THREE),
    GridShape("name_letters", "place_in_name", LETTERS, THREE),
    GridShape("place_in_name", "country", THREE, (0.0, 1.0)),
)
"""Couples of comparisons that say more together than apart; chosen for what they add on held-out families."""

BASIS = Basis(SHAPES, GRIDS)
"""The form of the models trained here."""

GATES: tuple[Gate, ...] = (
    Gate(
        "no shared name",
        (
            ("name_likeness", 0.3),
            ("name_letters", 0.9),
            ("initials", 1.0),
            ("registration_number", 1.0),
            ("lei", 1.0),
        ),
        -2.0,
        "no distinctive word and no identifier is shared",
    ),
    Gate(
        "born too late",
        (("registration_number", 1.0), ("lei", 1.0)),
        -3.0,
        "a company cannot be known before it is formed",
        when=(("born_too_late", 1.0),),
    ),
    Gate(
        "two jurisdictions",
        (("lei", 1.0),),
        -3.0,
        "registered in two countries, they are two companies",
        when=(("other_jurisdiction", 1.0),),
    ),
)
"""What no amount of other agreement may override."""
