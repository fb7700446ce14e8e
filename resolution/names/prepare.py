"""Prepare records for blocking and comparison: everything numbered, normalised and in arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.names.fields import (
    NO_DATE,
    Coded,
    address_words,
    code_texts,
    countries,
    days,
    domains,
    emails,
    flags,
    identifiers,
    leis,
    phones,
    places_of_address,
)
from resolution.names.information import WordCounts, count_words, most_telling_first, names_counted, word_information
from resolution.names.table import Names, read_names
from resolution.schema import RECORDS

MAX_NAMES = 24
"""Names of one record that are compared; further ones are ignored, which bounds the work per pair."""


MAX_TEXT = 1_000
"""Characters of any text that are read; longer cells are cut, which bounds memory."""


@dataclass(frozen=True)
class Ragged:
    """Lists of numbers of different lengths: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``."""

    offsets: NDArray[np.int64]
    values: NDArray[np.int32]

    def counts(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)


@dataclass(frozen=True)
class Prepared:
    """Records ready to be compared; record ``i`` is row ``i`` of the input. Codes are -1 where a field is missing."""

    record_id: pa.Array
    names: Names  # distinct names of all records
    record_names: Ragged  # names of each record, the primary one first, distinct
    information: NDArray[np.float32]  # bits per word of names.words
    name_count: int  # names that information was learned from
    source: NDArray[np.int32]
    is_register: NDArray[np.bool_]
    is_synthetic: NDArray[np.bool_]
    country: Coded
    address: Coded
    address_words: Ragged  # distinct words of each distinct address, ascending
    address_information: NDArray[np.float32]  # bits per address word
    city: Coded
    postcode: Coded
    registration_number: Coded
    lei: Coded
    phone: Coded
    email: Coded
    domain: Coded
    incorporation_date: NDArray[np.int32]  # days since 1970, NO_DATE where missing
    dissolution_date: NDArray[np.int32]
    known_since: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.record_id)


def prepare(records: pa.Table, counts: Callable[[Names], WordCounts] = count_words) -> Prepared:
    """Prepare a table of the shape of ``resolution.schema.RECORDS``; all but ``record_id`` and ``name`` may be missing.

    ``counts`` tells in how many names each word stands; by default the names at hand are counted.
    Raises ``ValueError`` naming every missing or wrongly typed column.
    """
    columns = _columns(records)
    raw, record_names = _names_of_records(columns["name"], columns["other_names"])
    names = read_names(raw)
    counted = counts(names)
    information = word_information(names, counted)
    names = most_telling_first(names, information)
    address = code_texts(columns["address"])
    words, address_information = address_words(address.texts)
    return Prepared(
        record_id=columns["record_id"],
        names=names,
        record_names=record_names,
        information=information,
        name_count=names_counted(counted),
        source=code_texts(columns["source"]).codes,
        is_register=flags(columns["is_register"]),
        is_synthetic=flags(columns["is_synthetic"]),
        country=countries(columns["country"]),
        address=address,
        address_words=Ragged(*words),
        address_information=address_information,
        city=places_of_address(columns["city"]),
        postcode=identifiers(columns["postcode"]),
        registration_number=identifiers(columns["registration_number"], without_leading_zeros=True),
        lei=leis(columns["lei"]),
        phone=phones(columns["phone"]),
        email=emails(columns["email"]),
        domain=domains(columns["website"]),
        incorporation_date=days(columns["incorporation_date"]),
        dissolution_date=days(columns["dissolution_date"]),
        known_since=days(columns["known_since"]),
    )


def _columns(records: pa.Table) -> dict[str, pa.Array]:
    problems = [f"column {name!r} is missing" for name in ("record_id", "name") if name not in records.column_names]
    columns: dict[str, pa.Array] = {}
    for field in RECORDS:
        if field.name not in records.column_names:
            columns[field.name] = pa.nulls(len(records), field.type)
            continue
        column = records[field.name]
        try:
            column = column.cast(field.type)
            if field.type == pa.string() and field.name != "record_id":
                column = pc.utf8_slice_codeunits(column, 0, MAX_TEXT)
            columns[field.name] = pa.concat_arrays(column.chunks or [pa.array([], field.type)])
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            problems.append(f"column {field.name!r}: expected {field.type}, found {column.type} ({error})")
    if problems:
        raise ValueError("these are not company records: " + "; ".join(problems))
    return columns


def _names_of_records(primary: pa.Array, others: pa.Array) -> tuple[pa.Array, Ragged]:
    """Distinct names, and the names of each record by number, primary first."""
    n = len(primary)
    counts = pc.fill_null(pc.list_value_length(others), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    encoded = pa.concat_arrays([primary, pc.list_flatten(others).cast(pa.string())]).dictionary_encode()
    number = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    # Each record's names in a row, the primary one first.
    record = np.repeat(np.arange(n), counts + 1)
    starts = np.cumsum(counts + 1) - (counts + 1)
    name = np.empty(len(number), np.int64)
    is_first = np.zeros(len(number), bool)
    is_first[starts] = True
    name[is_first] = number[:n]
    name[~is_first] = number[n:]
    keep = name >= 0
    keep[1:] &= (name[1:] != name[:-1]) | is_first[1:]
    several = np.flatnonzero((counts > 1)[record])
    if len(several):
        keep[np.setdiff1d(several, several[_first_of_each(record[several], name[several])], assume_unique=True)] = False
    record, name = record[keep], name[keep]
    per_record = np.bincount(record, minlength=n)
    if int(per_record.max(initial=0)) > MAX_NAMES:
        starts = np.cumsum(per_record) - per_record
        within = np.arange(len(record)) - starts[record]
        record, name = record[within < MAX_NAMES], name[within < MAX_NAMES]
        per_record = np.bincount(record, minlength=n)
    offsets = np.concatenate(([0], np.cumsum(per_record)))
    return encoded.dictionary, Ragged(offsets, name.astype(np.int32))


def _first_of_each(record: NDArray[np.int64], name: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions at which a record's name stands for the first time."""
    _, first = np.unique(record * (int(name.max()) + 2) + name, return_index=True)
    return first


__all__ = ["NO_DATE", "Prepared", "Ragged", "prepare"]
