"""Normalise what stands beside a name: countries, addresses, identifiers, contacts, dates."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rigour.territories import lookup_territory

from resolution.names.characters import fold
from resolution.names.words import split_words

NO_DATE = np.iinfo(np.int32).min
"""Stands for a missing date among days."""

_SHARED_MAIL_DOMAINS = (
    "gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "163.com", "126.com", "qq.com", "aol.com", "icloud.com",
    "mail.ru", "yandex.ru", "live.com", "msn.com", "sina.com", "foxmail.com", "bk.ru", "list.ru", "inbox.ru",
    "protonmail.com", "gmx.com", "gmx.de", "yahoo.com.hk", "netvigator.com", "hotmail.co.uk", "yahoo.co.uk",
)  # fmt: skip


@dataclass(frozen=True)
class Coded:
    """A column as codes into its distinct normalised texts, -1 where missing."""

    codes: NDArray[np.int32]
    texts: pa.StringArray

    def text(self, row: int) -> str | None:
        code = int(self.codes[row])
        return None if code < 0 else str(self.texts[code])


def code_texts(column: pa.Array) -> Coded:
    """Distinct texts as they are; empty and blank ones are missing."""
    column = column.cast(pa.string())
    if column.null_count == len(column):
        return Coded(np.full(len(column), -1, np.int32), pa.array([], pa.string()))
    return _coded(pc.utf8_trim_whitespace(column))


def _coded(column: pa.Array) -> Coded:
    column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    encoded = column.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Coded(codes, encoded.dictionary)


def _recode(coded: Coded, normalised: list[str | None] | pa.Array) -> Coded:
    """Replace each distinct text by a normalised one, merging those that became equal."""
    if not isinstance(normalised, pa.Array):
        normalised = pa.array(normalised, pa.string())
    again = _coded(normalised)
    codes = np.concatenate((again.codes, np.array([-1], np.int32)))[coded.codes]
    return Coded(codes, again.texts)


def countries(column: pa.Array) -> Coded:
    """ISO 3166 alpha-2 codes in capitals from codes or names in any spelling; unknown ones are missing."""
    coded = code_texts(column)
    return _recode(coded, [_country(text) for text in coded.texts.to_pylist()])


def _country(text: str) -> str | None:
    text = text.strip()[:200]
    territory = lookup_territory(text)
    if territory is None:
        return None
    while territory.parent is not None and not territory.is_country and len(territory.code) > 2:
        territory = territory.parent
    return territory.code[:2].upper()


def identifiers(column: pa.Array, *, without_leading_zeros: bool = False) -> Coded:
    """Letters and digits only, in capitals. Placeholders of zeros alone are missing."""
    coded = code_texts(column)
    bare = pc.replace_substring_regex(pc.utf8_upper(pc.utf8_normalize(coded.texts, "NFKC")), r"[^\p{L}\p{N}]+", "")
    bare = pc.replace_substring_regex(bare, r"^0+$", "")
    if without_leading_zeros:
        bare = pc.replace_substring_regex(bare, r"^0+", "")
    return _recode(coded, bare)


def leis(column: pa.Array) -> Coded:
    """Legal Entity Identifiers: 18 letters or digits and two check digits; anything else is missing."""
    coded = identifiers(column)
    valid = pc.match_substring_regex(coded.texts, r"^[A-Z0-9]{18}[0-9]{2}$")
    return _recode(coded, pc.if_else(valid, coded.texts, pa.scalar(None, pa.string())))


def phones(column: pa.Array) -> Coded:
    """The last eight digits, or all of six or seven: country and trunk prefixes are written in many ways."""
    coded = code_texts(column)
    digits = pc.replace_substring_regex(pc.utf8_normalize(coded.texts, "NFKC"), r"[^0-9]+", "")
    enough = pc.greater_equal(pc.binary_length(digits), 6)
    last = pc.utf8_slice_codeunits(digits, -8)
    last = pc.replace_substring_regex(last, r"^0+", "")
    return _recode(coded, pc.if_else(enough, last, pa.scalar(None, pa.string())))


def emails(column: pa.Array) -> Coded:
    """Addresses in small letters; texts without one @ are missing."""
    coded = code_texts(column)
    small = pc.utf8_lower(coded.texts)
    valid = pc.match_substring_regex(small, r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    return _recode(coded, pc.if_else(valid, small, pa.scalar(None, pa.string())))


def domains(column: pa.Array) -> Coded:
    """The host of a web address without ``www.``; hosts many companies share are missing."""
    coded = code_texts(column)
    host = pc.replace_substring_regex(pc.utf8_lower(coded.texts), r"^[a-z]+://", "")
    host = pc.replace_substring_regex(host, r"[/?#:].*$", "")
    host = pc.replace_substring_regex(host, r"^www[0-9]?\.", "")
    valid = pc.and_(
        pc.match_substring_regex(host, r"^[^\s@]+\.[^\s@.]{2,}$"),
        pc.invert(pc.is_in(host, value_set=pa.array(_SHARED_MAIL_DOMAINS))),
    )
    return _recode(coded, pc.if_else(valid, host, pa.scalar(None, pa.string())))


def places_of_address(column: pa.Array) -> Coded:
    """Cities and the like, folded as names are."""
    coded = code_texts(column)
    return _recode(coded, fold(coded.texts))


def address_words(
    addresses: pa.StringArray,
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int32]], NDArray[np.float32]]:
    """Distinct words of each distinct address (offsets, word numbers ascending) and bits per word."""
    offsets, encoded = split_words(fold(addresses))
    ids = encoded.indices.to_numpy().astype(np.int64)
    row = np.repeat(np.arange(len(addresses)), np.diff(offsets))
    key = np.unique(row * (len(encoded.dictionary) + 1) + ids)
    row, ids = np.divmod(key, len(encoded.dictionary) + 1)
    counts = np.bincount(row, minlength=len(addresses))
    frequency = np.bincount(ids, minlength=len(encoded.dictionary))
    total = max(len(addresses), 1000)
    information = np.clip(np.log2((total + 1) / (frequency + 0.5)), 0.1, 22).astype(np.float32)
    return (np.concatenate(([0], np.cumsum(counts))), ids.astype(np.int32)), information


def days(column: pa.Array) -> NDArray[np.int32]:
    """Days since 1970-01-01; ``NO_DATE`` where missing."""
    return column.cast(pa.int32()).fill_null(int(NO_DATE)).to_numpy(zero_copy_only=False).astype(np.int32)


def flags(column: pa.Array) -> NDArray[np.bool_]:
    """Booleans, missing counting as false."""
    return column.cast(pa.bool_()).fill_null(False).to_numpy(zero_copy_only=False).astype(bool)
