"""Compare what stands beside the names: numbers, places, addresses, contacts, dates."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from resolution.names.fields import NO_DATE, Coded
from resolution.names.prepare import Prepared

Rows = NDArray[np.int32]
Values = NDArray[np.float32]


def equal_codes(field: Coded, left: Rows, right: Rows) -> Values:
    """1 equal, 0 different, not-a-number where one side is missing."""
    a, b = field.codes[left], field.codes[right]
    return np.where((a < 0) | (b < 0), np.nan, a == b).astype(np.float32)


def equal_numbers(prepared: Prepared, left: Rows, right: Rows) -> Values:
    """Registration numbers: comparable only within one country, or where the country is not said."""
    equal = equal_codes(prepared.registration_number, left, right)
    other_country = equal_codes(prepared.country, left, right) == 0
    return np.where(other_country, np.nan, equal).astype(np.float32)


def address_likeness(prepared: Prepared, left: Rows, right: Rows) -> Values:
    """Share of the information of both addresses that is in both, 0-1 (cosine of squared-bits weights)."""
    a, b = prepared.address.codes[left], prepared.address.codes[right]
    result = np.full(len(left), np.nan, np.float32)
    has = np.flatnonzero((a >= 0) & (b >= 0))
    if not len(has):
        return result
    words = prepared.address_words
    weight = prepared.address_information[words.values]
    matrix = csr_matrix(
        (weight, words.values, words.offsets), shape=(len(words.offsets) - 1, len(prepared.address_information))
    )
    root = matrix.copy()
    root.data = np.sqrt(root.data)
    shared = np.asarray(root[a[has]].multiply(root[b[has]]).sum(axis=1)).ravel()
    total = np.asarray(matrix.sum(axis=1)).ravel()
    with np.errstate(invalid="ignore", divide="ignore"):
        result[has] = 2 * shared / (total[a[has]] + total[b[has]])
    return result


def incorporation_gap(prepared: Prepared, left: Rows, right: Rows) -> Values:
    """1 the same day of incorporation, 0.5 within 31 days, 0 farther apart."""
    a, b = prepared.incorporation_date[left], prepared.incorporation_date[right]
    gap = np.abs(a.astype(np.int64) - b)
    value = np.where(gap == 0, 1.0, np.where(gap <= 31, 0.5, 0.0))
    return np.where((a == NO_DATE) | (b == NO_DATE), np.nan, value).astype(np.float32)


def born_too_late(prepared: Prepared, left: Rows, right: Rows) -> Values:
    """1 where one was incorporated after the other was already known (by more than a day), else 0."""
    late = np.zeros(len(left), bool)
    known = np.zeros(len(left), bool)
    for born, seen in ((left, right), (right, left)):
        incorporated, since = prepared.incorporation_date[born], prepared.known_since[seen]
        comparable = (incorporated != NO_DATE) & (since != NO_DATE)
        known |= comparable
        late |= comparable & (incorporated.astype(np.int64) > since.astype(np.int64) + 1)
    return np.where(known, late, np.nan).astype(np.float32)


def other_jurisdiction(prepared: Prepared, left: Rows, right: Rows) -> Values:
    """1 where two register entries state different countries, 0 the same one, not-a-number for anything else."""
    registers = prepared.is_register[left] & prepared.is_register[right]
    return np.where(registers, 1 - equal_codes(prepared.country, left, right), np.nan).astype(np.float32)
