"""The two records of a pair as rows of a page: field by field, with what agrees and what differs marked."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rigour.territories import lookup_territory

from review.highlight import Segment, highlight, plain
from review.pairs import ShownPair, ShownRecord
from review.tokens import fold, fold_address, fold_name, romanised

Verdict = Literal["agrees", "partly", "differs", "not comparable", ""]
Side = Sequence["Value"]
Stated = Sequence[tuple[str, str]]  # (value, its kind)
VALUES_SHOWN = 12
LABELS = {
    "name": "Names",
    "country": "Country",
    "address": "Addresses",
    "city": "City",
    "postcode": "Postcode",
    "registration_number": "Registration number",
    "lei": "LEI",
    "phone": "Phone",
    "email": "E-mail",
    "website": "Website",
    "incorporation_date": "Incorporated",
    "dissolution_date": "Dissolved",
    "known_since": "Listed or known since",
    "identifiers": "Other identifiers",
    "listings": "Listings",
}
KINDS = {
    "primary": "",
    "unknown": "",
    "weak_alias": "weak alias",
    "former": "former name",
    "trading": "trading name",
    "listed": "address on the list",
    "registered": "registered address",
    "operating": "operating address",
    "delivery": "delivery address",
}
_BITS = re.compile(r"\s*\(([+-]\d{1,4})\)$")
_PHONE_DIGITS = 8  # the last ones: country codes and trunk zeros come and go


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a field; ``kind`` says what sort (former, alias …), ``reading`` is it in Latin letters."""

    segments: Sequence[Segment]
    kind: str = ""
    reading: Sequence[Segment] = ()


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of both records and, in words, how they compare."""

    field: str
    verdict: Verdict
    left: Side
    right: Side

    @property
    def label(self) -> str:
        """The field in a reviewer's words."""
        return LABELS[self.field]


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison's word on the pair; positive ``bits`` speak for one entity, negative against."""

    segments: Sequence[Segment]
    bits: int | None


def reasons(why: str) -> list[Reason]:
    """The model's ``why`` taken apart: sentences divided by semicolons, each may end in its bits, ``(+4)``."""
    found = []
    for sentence in filter(None, why.split("; ")):
        match = _BITS.search(sentence)
        words = sentence[: match.start()] if match else sentence
        found.append(Reason(plain(words), int(match[1]) if match else None))
    return found


def field_rows(pair: ShownPair) -> list[FieldRow]:
    """Every field that at least one side states, in the order a reviewer reads them."""
    left, right = pair.left, pair.right
    rows = [
        _worded("name", left.names, right.names, fold_name),
        _whole("country", left, right, _country),
        _worded("address", left.addresses, right.addresses, fold_address),
        _worded("city", _stated(left, "city"), _stated(right, "city")),
        _whole("postcode", left, right, _plain_code),
        _registration(left, right),
        _whole("lei", left, right, _plain_code),
        _whole("phone", left, right, _phone),
        _whole("email", left, right, str.casefold),
        _whole("website", left, right, _host),
        _incorporated(left, right),
        _whole("dissolution_date", left, right, str),
        _aside("known_since", _stated(left, "known_since"), _stated(right, "known_since")),
        _aside("identifiers", _kinds_last(left.identifiers), _kinds_last(right.identifiers)),
        _aside("listings", [(one, "") for one in left.listings], [(one, "") for one in right.listings]),
    ]
    return [row for row in rows if row.left or row.right]


def _worded(field: str, left: Stated, right: Stated, folded: Callable[[str], str] = fold) -> FieldRow:
    """Values compared word by word, each against all of the other side."""
    left_side, right_side = _side(left, right, folded), _side(right, left, folded)
    marks = {
        segment.mark
        for side in (left_side, right_side)
        for value in side
        for segment in value.segments
        if segment.mark not in ("plain", "hidden")
    }
    verdict: Verdict
    if not left or not right:
        verdict = ""
    elif marks <= {"apart", "form"}:
        verdict = "not comparable"
    elif marks <= {"same", "form", "apart"}:
        verdict = "agrees"
    else:
        verdict = "partly" if marks & {"same", "near"} else "differs"
    return FieldRow(field, verdict, left_side, right_side)


def _side(own: Stated, other: Stated, folded: Callable[[str], str]) -> list[Value]:
    texts = [text for text, _ in other]
    latin = [reading or text for text in texts for reading in (romanised(text),)]
    values = []
    for text, kind in own[:VALUES_SHOWN]:
        reading = romanised(text)
        values.append(
            Value(
                highlight(text, texts, folded) if texts else plain(text),
                KINDS.get(kind, kind),
                (highlight(reading, latin) if texts else plain(reading)) if reading else (),
            )
        )
    if len(own) > VALUES_SHOWN:
        values.append(Value([Segment(f"… and {len(own) - VALUES_SHOWN:,} more", "hidden")]))
    return values


def _whole(field: str, left: ShownRecord, right: ShownRecord, comparable: Callable[[str], str]) -> FieldRow:
    """A value that agrees or differs as a whole: a code, a date, a number."""
    left_text, right_text = _text(left, field), _text(right, field)
    if left_text is None or right_text is None:
        return FieldRow(field, "", _value(field, left_text), _value(field, right_text))
    agrees = comparable(left_text) == comparable(right_text)
    verdict: Verdict = "agrees" if agrees else "differs"
    mark: Literal["same", "differ"] = "same" if agrees else "differ"
    return FieldRow(field, verdict, _value(field, left_text, mark), _value(field, right_text, mark))


def _incorporated(left: ShownRecord, right: ShownRecord) -> FieldRow:
    """Dates of formation; a company formed after the other side was already known can hardly be it."""
    row = _whole("incorporation_date", left, right, str)
    sides = []
    for own, other, side in ((left, right, row.left), (right, left, row.right)):
        formed, known = _text(own, "incorporation_date"), _text(other, "known_since")
        if formed and known and formed > known:
            days = (date.fromisoformat(formed) - date.fromisoformat(known)).days
            side = [*side, Value([Segment(f"{days:,} days after the other was already known", "differ")])]
        sides.append(side)
    contradicted = len(sides[0]) > 1 or len(sides[1]) > 1
    return FieldRow(row.field, "differs" if contradicted else row.verdict, *sides)


def _registration(left: ShownRecord, right: ShownRecord) -> FieldRow:
    """Numbers of two countries' registers say nothing about each other."""
    row = _whole("registration_number", left, right, _plain_code)
    countries = {_country(_text(side, "country") or "") for side in (left, right)}
    if row.verdict != "differs" or len(countries) == 1:
        return row
    sides = [_value(row.field, _text(side, row.field), "apart") for side in (left, right)]
    return FieldRow(row.field, "not comparable", *sides)


def _aside(field: str, left: Stated, right: Stated) -> FieldRow:
    """Facts about each record on its own; nothing to compare."""
    sides = [[Value(plain(text), kind) for text, kind in side[:VALUES_SHOWN]] for side in (left, right)]
    return FieldRow(field, "", *sides)


def _value(field: str, text: str | None, mark: Literal["same", "differ", "apart", "plain"] = "plain") -> list[Value]:
    if text is None:
        return []
    segments = [one if one.mark == "hidden" else Segment(one.text, mark) for one in plain(text)]
    return [Value(segments, _territory(text) if field == "country" else "")]


def _stated(record: ShownRecord, field: str) -> list[tuple[str, str]]:
    text = _text(record, field)
    return [] if text is None else [(text, "")]


def _kinds_last(identifiers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(identifier, kind) for kind, identifier in identifiers]


def _text(record: ShownRecord, field: str) -> str | None:
    value = record.fields[field]
    return str(value) if value not in (None, "") else None


def _country(text: str) -> str:
    territory = lookup_territory(text)
    return territory.code if territory else text.strip().casefold()


def _territory(text: str) -> str:
    territory = lookup_territory(text)
    return territory.name if territory else ""


def _plain_code(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper()).lstrip("0")


def _phone(text: str) -> str:
    return re.sub(r"\D", "", text)[-_PHONE_DIGITS:]


def _host(text: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", text.strip().casefold()).split("/")[0]
