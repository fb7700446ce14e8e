"""The shape of a source definition: which keys a TOML file may hold and what each one means."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from warehouse.loading.value import Condition, Date, Each, Number, Strict, Text

NAME = r"^[a-z][a-z0-9_]{1,62}$"
Key = Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
Several = Field(default=(), strict=False)


class RowRange(Strict):
    """How many rows a delivery of a table is expected to bring."""

    minimum: int = Field(default=1, ge=0)  # fewer fail the delivery
    maximum: int | None = Field(default=None, ge=1)  # more are loaded with a warning


class Correction(Strict):
    """A value the publisher got wrong, put right after review. The raw table keeps what was published."""

    field: str
    wrong: str
    right: str
    reason: str = Field(min_length=5)


class Reject(Strict):
    """Rows to set aside because they cannot mean what they say."""

    field: str
    matches: str
    reason: str = Field(min_length=5)


class Table(Strict):
    """One table of a source: its address, its format and what may be wrong with it."""

    address: str | None = None  # live address; settings may give another
    file_pattern: str | None = None  # which files of a folder are this table, e.g. ams__consignee_*.csv
    is_optional: bool = False  # a delivery without it is complete
    format: Literal["csv", "parquet", "json", "jsonl"]
    compression: Literal["detect", "none", "gz", "xz", "zip"] = "detect"  # detect: by the file's first bytes
    member: str | None = None  # pattern of the file inside a zip; needed when it holds several
    encoding: str = "utf-8"
    delimiter: str = ","  # one character, or several such as "'~'"
    quote: str = '"'  # "" where cells are never quoted
    header_row: int = Field(default=1, ge=1)  # physical line of the header
    columns: tuple[str, ...] | None = Field(default=None, strict=False)  # given: the file has no header
    record_path: tuple[str, ...] = Field(default=(), strict=False)  # json: members that lead to the list of rows
    lists: tuple[str, ...] = Field(default=(), strict=False)  # json: paths kept whole as a list, for `each`
    nulls: tuple[str, ...] = Field(default=(), strict=False)  # spellings of nothing, blanks around them ignored
    rows: RowRange = RowRange()
    bad_row_share: float = Field(default=0.01, ge=0, lt=1, strict=False)  # more bad rows than this fail the file
    optional_fields: tuple[str, ...] = Field(default=(), strict=False)  # used, but not in every vintage; patterns
    ignore: tuple[str, ...] = Field(default=(), strict=False)  # fields left unused on purpose; patterns
    corrections: tuple[Correction, ...] = Several
    reject: tuple[Reject, ...] = Several

    @field_validator("delimiter")
    @classmethod
    def _delimiter(cls, given: str) -> str:
        if not given or "\n" in given or "\r" in given:
            raise ValueError(f"expected the character(s) between two cells; found {given!r}")
        return given

    @field_validator("quote")
    @classmethod
    def _quote(cls, given: str) -> str:
        if len(given) > 1:
            raise ValueError(f"expected one character, or none where cells are never quoted; found {given!r}")
        return given

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, given: str) -> str:
        try:
            "".encode(given)
        except LookupError as error:
            raise ValueError(f"expected the name of an encoding, like utf-8 or cp1252; found {given!r}") from error
        return given


class Join(Strict):
    """Another table of the source whose fields a section may read; its first row per key counts."""

    table: str
    on: Key  # fields of the section's own table, compared as text
    to: Key | None = None  # their names in the other table, where they differ


class Section(Strict):
    """What every part of a mapping may say about the rows it reads."""

    from_: str | None = Field(default=None, alias="from")  # default: the table of the enclosing section
    key: Key | Literal["row"] | None = None  # default: the key of the enclosing section
    join: tuple[Join, ...] = Several
    when: tuple[Condition, ...] = Several  # all must hold
    each: Each | None = None
    numbered: tuple[int, int] | None = Field(default=None, strict=False)  # {n} in field names runs over this range


class Name(Section):
    """A further name of the record -> staging.record_name."""

    name: Text
    kind: Text = Text(constant="alias")  # primary, alias, weak_alias, former, trading, transliterated
    language: Text | None = None


class Address(Section):
    """An address of the record -> staging.record_address."""

    address: Text | None = None  # one line; where empty, the city, region or country stands for it
    city: Text | None = None
    region: Text | None = None
    postcode: Text | None = None
    country: Text | None = None  # any spelling of warehouse/reference/countries.csv
    kind: Text = Text(constant="unknown")  # registered, operating, listed, delivery, unknown


class Identifier(Section):
    """A number or address the record can be known by -> staging.record_identifier."""

    kind: Text
    identifier: Text
    country: Text | None = None


class Listing(Section):
    """A statement that the record stands on a list -> staging.listing."""

    list_name: Text
    programme: Text | None = None
    authority: Text | None = None
    listed_date: Date | None = None
    delisted_date: Date | None = None
    is_address_entry: Condition | None = None
    remarks: Text | None = None


class Record(Section):
    """One company (or person, vessel …) as this source states it -> staging.company_record."""

    repeats: bool = False  # several rows may state one record: single values from the first, lists from all
    kind: Text = Text(constant="company")
    name: Text
    name_language: Text | None = None  # stated: the name also goes to staging.record_name, with its language
    jurisdiction: Text | None = None
    registration_number: Text | None = None
    lei_code: Text | None = None
    legal_form: Text | None = None
    status: Text | None = None
    incorporation_date: Date | None = None
    dissolution_date: Date | None = None
    names: tuple[Name, ...] = Several
    addresses: tuple[Address, ...] = Several
    identifiers: tuple[Identifier, ...] = Several
    listings: tuple[Listing, ...] = Several


class PartyIdentifier(Strict):
    """A number or contact of a party, in the row that names the party."""

    kind: Text
    identifier: Text
    country: Text | None = None


class Party(Section):
    """A party of the shipment. The same name, address and country are the same record, whatever the role."""

    role: str = Field(pattern=NAME)
    kind: Text = Text(constant="unknown")
    name: Text
    address: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postcode: Text | None = None
    country: Text | None = None
    address_kind: Text = Text(constant="unknown")
    registration_number: Text | None = None
    identifiers: tuple[PartyIdentifier, ...] = Several


class Goods(Section):
    """A line of goods of the shipment -> staging.shipment_goods."""

    hs_code: Text | None = None
    description: Text | None = None
    quantity: Number | None = None
    quantity_unit: Text | None = None
    weight_kg: Number | None = None
    value_usd: Number | None = None
    container_number: Text | None = None


class Shipment(Section):
    """One shipment or customs declaration line -> staging.shipment and what hangs on it."""

    repeats: bool = False
    direction: Literal["import", "export"]
    shipment_date: Date | None = None
    origin_country: Text | None = None
    destination_country: Text | None = None
    port_of_lading: Text | None = None
    port_of_unlading: Text | None = None
    vessel_name: Text | None = None
    gross_weight_kg: Number | None = None
    value_usd: Number | None = None
    parties: tuple[Party, ...] = Several
    goods: tuple[Goods, ...] = Several


class Source(Strict):
    """A declared source. ``name`` is the file's name; ``definition_sha256`` names this version of it."""

    name: str = Field(pattern=NAME)
    definition_sha256: str
    title: str
    publisher: str
    licence: str
    homepage: str | None = None
    schedule: str
    is_register: bool = False
    is_synthetic: bool = False
    is_required: bool = False
    tables: dict[Annotated[str, Field(pattern=NAME)], Table] = Field(min_length=1)
    records: tuple[Record, ...] = Several
    shipments: tuple[Shipment, ...] = Several
