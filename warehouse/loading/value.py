"""What a mapping may say about one value: where it comes from and how it is cleaned.

Every class here is one shape of TOML; unknown keys are refused. A plain string is short for ``{ field = "…" }``.
The steps run in one fixed order: take, clean, extract, values/otherwise, and last the cast that the target
column asks for (date, number, country, digits). ``warehouse.loading.expression`` turns them into SQL.
"""

import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

DEFAULT_DATE_FORMATS = ("%Y-%m-%d",)
DATE_DIRECTIVE = re.compile(r"%[YymbBdHIMSfgpzZTj%]")


class Strict(BaseModel):
    """A frozen piece of a definition that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, strict=True)


class Text(Strict):
    """One text value.

    Exactly one of ``field``, ``constant``, ``join`` and ``first_of`` says where it comes from.
    """

    field: str | None = None  # source column; "each" and "each.<member>" inside a section with `each`
    table: str | None = None  # joined table the field stands in
    constant: str | None = None
    join: "tuple[Text, ...] | None" = Field(default=None, strict=False)  # non-empty values, joined by `separator`
    separator: str = ", "
    first_of: "tuple[Text, ...] | None" = Field(default=None, strict=False)  # the first that is not empty
    clean: tuple[tuple[str, str], ...] = Field(default=(), strict=False)  # [pattern, replacement], in order
    extract: str | None = None  # keep what the pattern (its first group, if it has one) finds; else empty
    values: dict[str, str] = {}  # reviewed value map, upper and lower case alike; "" stands for empty
    otherwise: str | None = None  # what every value outside `values` becomes; "" empties it; absent keeps it

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"field": given} if isinstance(given, str) else given

    @field_validator("clean", "join", "first_of", mode="before")
    @classmethod
    def _arrays(cls, given: Any) -> Any:
        if isinstance(given, list):
            return tuple(tuple(item) if isinstance(item, list) else item for item in given)
        return given

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [name for name in ("field", "constant", "join", "first_of") if getattr(self, name) is not None]
        if len(origins) != 1:
            raise ValueError(
                f"expected exactly one of field, constant, join, first_of; found {', '.join(origins) or 'none'}"
            )
        if self.table is not None and self.field is None:
            raise ValueError("`table` names the joined table of a `field`; there is no field here")
        if self.otherwise is not None and not self.values:
            raise ValueError("`otherwise` completes `values`; there are no values here")
        return self

    def fields(self) -> set[tuple[str | None, str]]:
        """Every (joined table or None, source field) this value reads."""
        found = {(self.table, self.field)} if self.field is not None else set()
        for part in (*(self.join or ()), *(self.first_of or ())):
            found |= part.fields()
        return found

    def patterns(self) -> list[str]:
        """Every regular expression in it, for checking."""
        own = [pattern for pattern, _ in self.clean] + ([self.extract] if self.extract else [])
        return own + [p for part in (*(self.join or ()), *(self.first_of or ())) for p in part.patterns()]


class Date(Text):
    """A date: text read by the first ``strptime`` format that fits.

    The finest directive of that format gives the precision: with ``%d`` day, with ``%m %b %B`` month, else year.
    Years before 1500 and after 2200 are misprints (``17`` read by ``%Y``), never dates.
    """

    formats: tuple[str, ...] = Field(default=DEFAULT_DATE_FORMATS, min_length=1, strict=False)
    utc_offset: str | None = None  # "+05:30": stated in UTC, dated by this clock

    @field_validator("formats")
    @classmethod
    def _formats(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for date_format in given:
            if "%Y" not in date_format and "%y" not in date_format:
                raise ValueError(f"expected strptime formats with a year, like %d/%m/%Y; found {date_format!r}")
            if "%" in DATE_DIRECTIVE.sub("", date_format):
                raise ValueError(f"unknown strptime directive in {date_format!r}")
        return given

    @field_validator("utc_offset")
    @classmethod
    def _offset(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", given):
            raise ValueError(f"expected an offset like +05:30; found {given!r}")
        return given


class Number(Text):
    """A number: thousands separators dropped, then multiplied to reach the unit of the target column."""

    decimal_comma: bool = False  # 1.234,5 rather than 1,234.5
    factor: float = Field(default=1.0, gt=0, strict=False)
    unit: Text | None = None  # where the row states its unit
    factors: dict[str, float] = {}  # unit as published -> factor; a unit not named empties the value

    @model_validator(mode="after")
    def _unit_with_factors(self) -> Self:
        if (self.unit is None) != (not self.factors):
            raise ValueError("`unit` and `factors` belong together")
        return self

    def fields(self) -> set[tuple[str | None, str]]:
        """Every (joined table or None, source field) this value reads, its unit included."""
        return super().fields() | (self.unit.fields() if self.unit else set())


class Condition(Text):
    """Which rows a section reads: those whose value is present, or matches, or does not match."""

    matches: str | None = None
    matches_not: str | None = None  # empty values pass

    def patterns(self) -> list[str]:
        """Every regular expression in it, for checking."""
        return super().patterns() + [p for p in (self.matches, self.matches_not) if p is not None]


class Each(Text):
    """A cell that holds several values: one output row per part, called ``each`` in the section's fields."""

    split: str | None = None  # separator, taken literally
    split_pattern: str | None = None  # separator as a regular expression
    nested: bool = False  # the cell is a JSON list; members of its objects are `each.<member>`

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.split is not None, self.split_pattern is not None, self.nested)) != 1:
            raise ValueError("expected exactly one of split, split_pattern, nested")
        if self.split == "":
            raise ValueError("an empty separator splits nothing")
        return self

    def patterns(self) -> list[str]:
        """Every regular expression in it, for checking."""
        return super().patterns() + ([self.split_pattern] if self.split_pattern is not None else [])
