"""Country spellings -> ISO 3166 alpha-2 codes, from `warehouse/reference/countries.csv`.

Spellings are compared by their letters alone, without case, accents or punctuation, so that
``VIRGIN ISLANDS, BRITISH``, ``Virgin Islands (British)`` and ``U.A.E.`` are found. Codes of both lengths count as
spellings. Sources: the ISO and UNTERM names of the datahub country-codes table (public domain), completed by the
spellings met in the sources themselves.
"""

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path

import duckdb

COUNTRIES = Path(__file__).parent.parent / "reference" / "countries.csv"
COUNTRY_TABLE = "country_spelling"
SPELLING_KEY_SQL = r"trim(regexp_replace(upper(strip_accents({text})), '[^\p{{L}}]+', ' ', 'g'))"


def spelling_key(text: str) -> str:
    """The letters of a country's name, upper case, without accents, in words."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W\d_]+", bare.upper()))


def country_code(text: str) -> str | None:
    """The ISO alpha-2 code of a country by any known spelling; ``None`` where it is unknown."""
    return _codes().get(spelling_key(text))


def create_country_table(con: duckdb.DuckDBPyConnection) -> None:
    """Put the spellings into a temporary table: spelling_key, unique -> country."""
    con.execute(
        f"""
        create or replace temp table {COUNTRY_TABLE} as
        select {SPELLING_KEY_SQL.format(text="spelling")} as spelling_key, min(country) as country
        from read_csv($path, header = true, all_varchar = true)
        group by 1
        having spelling_key <> ''
        """,
        {"path": str(COUNTRIES)},
    )


@cache
def _codes() -> dict[str, str]:
    with COUNTRIES.open(encoding="utf-8", newline="") as file:
        return {spelling_key(row["spelling"]): row["country"] for row in csv.DictReader(file)}
