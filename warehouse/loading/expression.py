"""Values of a mapping as SQL over a raw table.

Whatever a definition or a file states is bound (``$p1`` …), never written into the statement; identifiers are
quoted. ``Statement`` gathers the bound values while the text is put together.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from warehouse.connection import quote_identifier
from warehouse.loading.countries import COUNTRY_TABLE, SPELLING_KEY_SQL, country_code
from warehouse.loading.value import Condition, Date, Number, Text

BLANKS = " \t\r\n\u00a0\u3000\u200b\ufeff"
"""Characters around a value that are not part of it."""

PART = "__each"
"""The column that holds one part of a cell with several."""

EARLIEST_YEAR, LATEST_YEAR = 1500, 2200


@dataclass
class Statement:
    """Bound values of one SQL statement under construction."""

    parameters: dict[str, object] = field(default_factory=dict)
    _names: dict[tuple[type, object], str] = field(default_factory=dict)

    def bind(self, value: object) -> str:
        """The placeholder that stands for the value; equal values share one."""
        known = (type(value), value)
        if known not in self._names:
            self._names[known] = f"p{len(self.parameters) + 1}"
            self.parameters[self._names[known]] = value
        return "$" + self._names[known]


class Cell(NamedTuple):
    """A value as SQL.

    ``text`` is what was published, ``sql`` what is stored. Where ``fault`` is set, it says what a text is not that
    has no ``valid`` reading; such cells are reported.
    """

    sql: str
    text: str
    fault: str | None = None
    valid: str | None = None

    def is_faulty(self) -> str:
        """SQL boolean: something was published and could not be read."""
        return f"{self.text} is not null and {self.valid or self.sql} is null"


class Joined(NamedTuple):
    """A joined table in a statement."""

    alias: str
    nulls: tuple[str, ...]
    padded: Collection[str] | None


@dataclass(frozen=True)
class Scope:
    """Where the fields of a section stand: the raw table ``t``, joined tables, the part, the number."""

    statement: Statement
    nulls: tuple[str, ...]
    padded: Collection[str] | None = None  # columns with blanks around some value; None: not known, trim all
    joined: Mapping[str, "Joined"] = field(default_factory=dict)
    absent: Collection[str] = ()  # joined tables this delivery does not have
    has_part: bool = False
    is_nested: bool = False  # the part is JSON
    number: int | None = None

    def field(self, name: str, table: str | None) -> str:
        """A source field as SQL: trimmed, empty and null spellings as null."""
        if table in self.absent:
            return "cast(null as varchar)"
        if self.number is not None:
            name = name.replace("{n}", str(self.number))
        nulls, padded = self.nulls, self.padded
        if table is not None:
            alias, nulls, padded = self.joined[table]
            column = f"{alias}.{quote_identifier(name)}"
        elif self.has_part and name == "each":
            column, padded = f"json_extract_string(t.{PART}, '$')" if self.is_nested else f"t.{PART}", None
        elif self.has_part and name.startswith("each."):
            path = self.statement.bind('$."' + name.removeprefix("each.").replace('"', '""') + '"')
            column, padded = f"json_extract_string(t.{PART}, {path})", None
        else:
            column = f"t.{quote_identifier(name)}"
        if padded is None or name in padded:
            column = f"trim({column}, {self.statement.bind(BLANKS)})"
        sql = f"nullif({column}, '')"
        for spelling in nulls:
            if spelling.strip(BLANKS):
                sql = f"nullif({sql}, {self.statement.bind(spelling.strip(BLANKS))})"
        return sql


def text(value: Text, scope: Scope) -> str:
    """The value as SQL text; null where it is empty."""
    bind = scope.statement.bind
    if value.field is not None:
        sql = scope.field(value.field, value.table)
    elif value.constant is not None:
        sql = f"cast({bind(value.constant)} as varchar)"
    elif value.join is not None:
        parts = ", ".join(text(part, scope) for part in value.join)
        sql = f"nullif(concat_ws({bind(value.separator)}, {parts}), '')"
    else:
        sql = f"coalesce({', '.join(text(part, scope) for part in value.first_of or ())})"
    if value.clean:
        for pattern, replacement in value.clean:
            sql = f"regexp_replace({sql}, {bind(pattern)}, {bind(replacement)}, 'g')"
        sql = f"nullif(trim({sql}, {bind(BLANKS)}), '')"
    if value.extract is not None:
        found = f"regexp_extract({sql}, {bind(value.extract)}, {_first_group(value.extract)})"
        sql = f"nullif(trim({found}, {bind(BLANKS)}), '')"
    return _mapped(value, sql, scope.statement) if value.values else sql


def _first_group(pattern: str) -> int:
    """1 if the pattern captures anything, else 0: the whole match."""
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "", pattern)
    return 1 if re.search(r"\((?!\?)|\(\?P?<[A-Za-z]", bare) else 0


def _mapped(value: Text, sql: str, statement: Statement) -> str:
    """Look the value up in the reviewed map; the lambda names it, so that it is worked out once and not per entry."""
    whens = []
    for published, meant in value.values.items():
        result = statement.bind(meant) if meant else "null"
        test = "v is null" if published == "" else f"lower(v) = {statement.bind(published.lower())}"
        whens.append(f"when {test} then {result}")
    rest = "v" if value.otherwise is None else (statement.bind(value.otherwise) if value.otherwise else "null")
    return f"list_transform([{sql}], lambda v: case {' '.join(whens)} else {rest} end)[1]"


def text_cell(value: Text | None, scope: Scope) -> Cell:
    """A text value as a cell; nothing it says can be wrong."""
    sql = "cast(null as varchar)" if value is None else text(value, scope)
    return Cell(sql, sql)


def choice_cell(value: Text, scope: Scope, allowed: Collection[str], fallback: str) -> Cell:
    """A text value that must be one of a few; others are reported and become ``fallback``."""
    published = text(value, scope)
    if value.constant is not None:
        return Cell(published, published)
    known = ", ".join(scope.statement.bind(choice) for choice in allowed)
    valid = f"case when {published} in ({known}) then {published} end"
    return Cell(
        f"coalesce({valid}, {scope.statement.bind(fallback)})", published, f"is none of {', '.join(allowed)}", valid
    )


def country_cell(value: Text | None, scope: Scope) -> Cell:
    """A country as its ISO alpha-2 code, from any known spelling."""
    if value is None:
        return text_cell(None, scope)
    if value.constant is not None and not value.clean and not value.values:
        code = f"cast({scope.statement.bind(country_code(value.constant))} as varchar)"
        return Cell(code, code)
    published = text(value, scope)
    key = SPELLING_KEY_SQL.format(text=published)
    return Cell(
        f"(select country from {COUNTRY_TABLE} where spelling_key = {key})", published, "is not a country known here"
    )


def date_cell(value: Date | None, scope: Scope) -> Cell:
    """A date. The first format that fits reads it; ``precision_of`` gives its precision."""
    if value is None:
        return Cell("cast(null as date)", "cast(null as varchar)")
    published = text(value, scope)
    dates = ", ".join(_date(published, date_format, value, scope) for date_format in value.formats)
    return Cell(f"coalesce({dates})", published, f"is not a date like {' or '.join(value.formats)}")


def precision_of(value: Date | None, scope: Scope) -> str:
    """The precision of ``date_cell`` as SQL: day, month, year; null where there is no date."""
    if value is None:
        return "cast(null as varchar)"
    published = text(value, scope)
    whens = " ".join(
        f"when {_date(published, date_format, value, scope)} is not null then '{_precision(date_format)}'"
        for date_format in value.formats
    )
    return f"case {whens} end"


def _precision(date_format: str) -> str:
    if "%d" in date_format or "%j" in date_format:
        return "day"
    return "month" if re.search("%[mbB]", date_format) else "year"


def _date(published: str, date_format: str, value: Date, scope: Scope) -> str:
    moment = f"try_strptime({published}, {scope.statement.bind(date_format)})"
    if value.utc_offset is not None:
        hours, minutes = value.utc_offset[1:].split(":")
        shift = (int(hours) * 60 + int(minutes)) * (-1 if value.utc_offset[0] == "-" else 1)
        moment = f"{moment} + to_minutes({scope.statement.bind(shift)})"
    year = f"year({moment})"
    return f"case when {year} between {EARLIEST_YEAR} and {LATEST_YEAR} then cast({moment} as date) end"


def number_cell(value: Number | None, scope: Scope) -> Cell:
    """A number as double, in the unit of its column."""
    if value is None:
        return Cell("cast(null as double)", "cast(null as varchar)")
    published = text(value, scope)
    plain = f"replace(replace({published}, ' ', ''), chr(160), '')"
    plain = f"replace(replace({plain}, '.', ''), ',', '.')" if value.decimal_comma else f"replace({plain}, ',', '')"
    number = f"try_cast({plain} as double)"
    sql = f"{number} * {scope.statement.bind(value.factor)}" if value.factor != 1 else number
    if value.unit is not None:
        unit = f"lower({text(value.unit, scope)})"
        whens = " ".join(
            f"when {scope.statement.bind(name.lower())} then {scope.statement.bind(factor)}"
            for name, factor in value.factors.items()
        )
        sql = f"{sql} * case {unit} {whens} end"
    return Cell(f"case when isfinite({sql}) then {sql} end", published, "is not a number in a known unit")


def digits_cell(value: Text | None, scope: Scope) -> Cell:
    """Digits only, for codes published with dots and blanks; null where there is no digit."""
    if value is None:
        return text_cell(None, scope)
    published = text(value, scope)
    return Cell(f"nullif(regexp_replace({published}, '[^0-9]', '', 'g'), '')", published, "holds no digits")


def condition(value: Condition, scope: Scope) -> str:
    """A condition as an SQL boolean, never null."""
    published = text(value, scope)
    tests = []
    if value.matches is not None:
        tests.append(f"coalesce(regexp_matches({published}, {scope.statement.bind(value.matches)}), false)")
    if value.matches_not is not None:
        tests.append(f"not coalesce(regexp_matches({published}, {scope.statement.bind(value.matches_not)}), false)")
    return "(" + " and ".join(tests or [f"{published} is not null"]) + ")"
