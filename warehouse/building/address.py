"""Address keys: which building, which floor, which unit.

A tower in Hong Kong holds hundreds of unrelated companies, so an address only counts as shared when building,
floor *and* unit agree. One address may name a range of units (``Room 1318-20``) and its building in two ways
(by its name and by street and number), hence lists of keys; two addresses share a unit when their lists meet.
A key never rests on a guess: an address from which no unit can be read has no unit keys.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

CITY_STATES = frozenset({"HK", "SG", "MO", "MC", "GI"})
"""Where street or building names are unique without the city."""

_MAX_LENGTH = 500  # longer texts are not addresses; nothing after this is read
_MAX_UNITS = 12  # a longer range is a whole floor or a misreading

_STREET_WORDS = {
    "street": "", "st": "", "road": "", "rd": "", "avenue": "ave", "ave": "ave", "lane": "lane", "ln": "lane",
    "drive": "drive", "dr": "drive", "boulevard": "blvd", "blvd": "blvd", "jalan": "jalan", "jln": "jalan",
    "highway": "hwy", "way": "way", "square": "sq", "sq": "sq", "crescent": "cres", "place": "pl", "path": "path",
    "quay": "quay", "terrace": "terr", "close": "close", "link": "link", "strand": "strand",
}  # fmt: skip
_BUILDING_WORDS = frozenset(
    "building bldg centre center ctr tower towers plaza house mansion court block commercial comm coml industrial"
    " ind factory office offices trade business hotel complex estate mall square place arcade the of".split()
)
_BUILDING_KINDS = {
    "building": "building", "bldg": "building", "centre": "centre", "center": "centre", "ctr": "centre",
    "tower": "tower", "towers": "tower", "plaza": "plaza", "house": "house", "mansion": "mansion", "court": "court",
    "complex": "complex", "square": "square", "place": "place", "arcade": "arcade", "mall": "mall",
}  # fmt: skip
_NAMED_BUILDING = re.compile(rf"\b(?:{'|'.join(_BUILDING_KINDS)})\b")
_DESIGNATION = r"(?:[a-z]{0,2}\d{1,5}(?: ?[a-z](?![a-z]))?|[a-z](?![a-z]))"
_UNIT_WORD = (
    r"(?:flat ?/ ?(?:rm|room|unit)|flat|rooms?|rms?|units?|suites?|ste|offices?|shops?|apartments?|apt|workshop)"
)
_UNIT = re.compile(
    rf"\b{_UNIT_WORD}\b\.? ?(?:no\.? ?|nos\.? ?|# ?)?({_DESIGNATION})(?: ?(?:-|–|to|&|and) ?({_DESIGNATION}))?(?![\w])"
)
_HASH_UNIT = re.compile(r"# ?(b?\d{1,3}) ?- ?(\d{1,4}[a-z]?)(?: ?[-/] ?(\d{1,4}[a-z]?))?\b")
_FLOOR = re.compile(
    r"\b(?:(\d{1,3}|g|b\d?|lg|ug)(?:st|nd|rd|th)? ?/ ?f\b(?:loor|l)?|(\d{1,3})(?:st|nd|rd|th)? ?(?:floor|flr|fl|f)\b"
    r"|(?:floor|level|lvl) ?(\d{1,3})\b|(ground) floor\b)\.?"
)
_BLOCK = re.compile(
    r"\b(?:block|blk|tower|wing) ?(?:no\.? ?)?([a-z]|[a-z]?\d{1,2})\b(?! ?/ ?f)"
    # 'Building No. 55 Hung To Road' is a street number
    r"|\b(?:bldg|building) ?(?:no\.? ?)?([a-z]|[a-z]?\d{1,2}) ?(?:,|$)"
)
_BARE_NUMBER = re.compile(r"^(\d{1,5}[a-z]?)$")
_PO_BOX = re.compile(r"\bp\.? ?o\.? ?box ?(?:no\.? ?)?(\d{1,6}(?:[-/]\d{1,6})?)\b")
_STREET = re.compile(
    r"(?:^|\s)(?:no\.? ?|nos\.? ?)?(\d{1,5}[a-z]?(?: ?[-–/] ?\d{1,5}[a-z]?)?),? +([a-z][a-z' ]{2,40})$"
)
_STREET_LAST_WORD = re.compile(rf"\b(?:{'|'.join(_STREET_WORDS)})\b")


@dataclass(frozen=True)
class AddressKeys:
    """What could be read; ``unit_keys`` is empty where building, floor or unit is missing.

    Keys are texts such as ``HK|2-16fayuen|23|9`` (country, city where needed, building, floor, unit).
    """

    floor: str | None
    units: tuple[str, ...]
    building_keys: tuple[str, ...]
    unit_keys: tuple[str, ...]


NOTHING = AddressKeys(None, (), (), ())


def address_keys(address: str | None, city: str | None = None, country: str | None = None) -> AddressKeys:
    """Read building, floor and units from one address line.

    ``country`` is ISO 3166 alpha-2; without it there are no keys, since building names repeat between countries.
    Outside city states the city is part of the key and an address without one has none.
    """
    if not address or not country:
        return NOTHING
    text = _plain(address)
    text, floor, units, block = _read_unit(text)
    buildings = _read_buildings(text)
    place = _place(country, city, text)
    if place is None:
        return AddressKeys(floor, units, (), ())
    building_keys = tuple(sorted({f"{place}|{building}" for building in buildings}))
    if not units or floor is None:
        return AddressKeys(floor, units, building_keys, ())
    suffix = f"{block}/" if block else ""
    unit_keys = tuple(sorted(f"{key}|{suffix}{floor}|{unit}" for key in building_keys for unit in units))
    return AddressKeys(floor, units, building_keys, unit_keys)


def register_address_functions(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``address_keys(address, city, country)`` callable from models; one struct of lists per row."""
    if con.execute("select 1 from duckdb_functions() where function_name = 'address_keys'").fetchone():
        return
    con.create_function(
        "address_keys",
        _address_keys_column,
        ["varchar", "varchar", "varchar"],
        "struct(floor varchar, units varchar[], building_keys varchar[], unit_keys varchar[])",
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


_KEYS = pa.struct(
    [
        ("floor", pa.string()),
        ("units", pa.list_(pa.string())),
        ("building_keys", pa.list_(pa.string())),
        ("unit_keys", pa.list_(pa.string())),
    ]
)


def _address_keys_column(addresses: Any, cities: Any, countries: Any) -> pa.Array:
    rows: Iterable[tuple[str | None, str | None, str | None]] = zip(
        addresses.to_pylist(), cities.to_pylist(), countries.to_pylist(), strict=True
    )
    keys = (address_keys(*row) for row in rows)
    return pa.array(
        [
            {
                "floor": k.floor,
                "units": list(k.units),
                "building_keys": list(k.building_keys),
                "unit_keys": list(k.unit_keys),
            }
            for k in keys
        ],
        type=_KEYS,
    )


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", text[:_MAX_LENGTH]).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"[\x00-\x1f]|[\"'`]", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def _read_unit(text: str) -> tuple[str, str | None, tuple[str, ...], str | None]:
    """Cut floor, unit and block out of the text: (rest, floor, units, block)."""
    floor: str | None
    hash_unit = _HASH_UNIT.search(text)
    if hash_unit:  # Singapore: '#08-15' is unit 15 on floor 8
        rest = text[: hash_unit.start()] + ", " + text[hash_unit.end() :]
        floor = _number(hash_unit[1])
        rest, block = _cut_block(rest)
        return rest, floor, _unit_range(hash_unit[2], hash_unit[3]), block
    floor_words = _FLOOR.search(text)
    floor = None
    if floor_words:
        said = next(group for group in floor_words.groups() if group)
        floor = "g" if said == "ground" else _number(said)
        text = text[: floor_words.start()] + ", " + text[floor_words.end() :]
    first: str | None
    unit_words = _UNIT.search(text)
    if unit_words:
        first, last = unit_words[1].replace(" ", ""), (unit_words[2] or "").replace(" ", "") or None
        text = text[: unit_words.start()] + ", " + text[unit_words.end() :]
    else:
        first, text = _leading_unit(text, floor is not None)
        last = None
    text, block = _cut_block(text)
    if first is None:
        box = _PO_BOX.search(text)
        if box:
            return text, "box", (box[1],), block
        return text, floor, (), block
    units = _unit_range(first, last)
    return text, *_within_floor(floor, units), block


def _leading_unit(text: str, has_floor: bool) -> tuple[str | None, str]:
    """A bare number before the first comma is a unit only where a floor stands beside it."""
    head, _, rest = text.partition(",")
    number = _BARE_NUMBER.match(head.strip())
    if has_floor and number and rest:
        return number[1], rest
    return None, text


def _cut_block(text: str) -> tuple[str, str | None]:
    block = _BLOCK.search(text)
    if block is None:
        return text, None
    return text[: block.start()] + ", " + text[block.end() :], _number(block[1] or block[2])


def _unit_range(first: str, last: str | None) -> tuple[str, ...]:
    """``1318-20`` is 1318, 1319, 1320; ``b1-b3`` is b1, b2, b3; anything else is its two ends."""
    if last is None:
        return (_number(first),)
    low, high = re.fullmatch(r"([a-z]*)(\d+)", first), re.fullmatch(r"([a-z]*)(\d+)", last)
    if low and high and high[1] in {"", low[1]}:
        end = low[2][: max(len(low[2]) - len(high[2]), 0)] + high[2]
        numbers = range(int(low[2]), int(end) + 1)
        if 1 < len(numbers) <= _MAX_UNITS:
            return tuple(f"{low[1]}{n}" for n in numbers)
    return tuple(dict.fromkeys((_number(first), _number(last))))


def _within_floor(floor: str | None, units: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """``2309`` and ``9 on floor 23`` are one unit; so are ``19c`` and ``c on floor 19``."""
    read = [_split_floor(unit, floor) for unit in units]
    floors = {f for f, _ in read}
    if len(floors) != 1:
        return floor, units if floor is not None else ()
    return floors.pop(), tuple(unit for _, unit in read)


def _split_floor(unit: str, floor: str | None) -> tuple[str | None, str]:
    tall = re.fullmatch(r"(\d{1,3}?)(\d{2})([a-z]?)", unit)
    if tall and (floor is None or tall[1] == floor):
        return tall[1], (tall[2].lstrip("0") or "0") + tall[3]
    lettered = re.fullmatch(r"(\d{1,2})([a-z])", unit)
    if lettered and (floor is None or lettered[1] == floor):
        return lettered[1], lettered[2]
    return floor, unit


def _read_buildings(text: str) -> set[str]:
    """The building's own name and its street with number, each as one word without generic parts."""
    found = set()
    for part in text.split(","):
        part = re.sub(r"[^\w\-/–& ]", " ", part)
        part = re.sub(r"\s+", " ", part).strip()
        for street in _streets(part):
            found.add(street)
        kinds = list(_NAMED_BUILDING.finditer(part))
        if kinds:  # the kind stays in the key: Hollywood Plaza is not Hollywood Centre
            name = part[: kinds[-1].end()]
            words = [w for w in re.split(r"[^\w]+", name) if w and w not in _BUILDING_WORDS and not w.isdigit()]
            if words and len("".join(words)) >= 3:
                found.add("".join(words) + "-" + _BUILDING_KINDS[kinds[-1][0]])
    box = _PO_BOX.search(text)
    if box:
        found.add("pobox")
    return found


def _streets(part: str) -> Iterable[str]:
    match = _STREET.search(part)
    if match is None:
        return
    words = match[2].split()
    kept = [_STREET_WORDS.get(word, word) for word in words]
    name = "".join(kept)
    stands_alone = match.start() == 0 and len(words) <= 3
    if len(name) >= 3 and (stands_alone or any(word in _STREET_WORDS for word in words)):
        yield re.sub(r"[ –]", "-", re.sub(r" ?[-–/] ?", "-", match[1])) + name


def _place(country: str, city: str | None, text: str) -> str | None:
    code = country.upper()
    if code in CITY_STATES:
        return code
    name = re.sub(r"[^\w]", "", _plain(city)) if city else _last_place(text)
    return f"{code}/{name}" if name else None


def _last_place(text: str) -> str | None:
    """The last comma-separated part that reads like a town: letters only, no street word."""
    for part in reversed(text.split(",")[1:]):
        part = part.strip()
        if len(part) > 2 and re.fullmatch(r"[^\W\d]+(?:[ .'-]+[^\W\d]+)*", part) and not _STREET_LAST_WORD.search(part):
            return re.sub(r"[^\w]", "", part)
    return None


def _number(text: str) -> str:
    return text.lstrip("0") or "0"
