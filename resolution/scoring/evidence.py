"""The pieces of a model: what one comparison is worth, what two are worth together, and what is required."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.floating[Any]]
Conditions = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Term:
    """What one comparison's value is worth: ``bits`` at each of the ascending ``knots``, linear between
    them and flat outside; ``missing_bits`` where the comparison could not be made. It is silent where one
    of ``unless`` (comparison, least value) is reached."""

    comparison: str
    knots: tuple[float, ...]
    bits: tuple[float, ...]
    missing_bits: float = 0.0
    unless: Conditions = ()

    def needs(self) -> set[str]:
        """The comparisons it looks at."""
        return {self.comparison} | {name for name, _ in self.unless}

    def evidence(self, values: Matrix, names: Sequence[str]) -> Floats:
        """Signed bits of each row of a matrix with columns ``names``, shape (n,); NaN: not comparable."""
        value = column(values, names, self.comparison)
        found = np.where(np.isnan(value), self.missing_bits, np.interp(value, self.knots, self.bits))
        for comparison, least in self.unless:
            found[column(values, names, comparison) >= least] = 0.0
        return found


@dataclass(frozen=True)
class Grid:
    """What two comparisons are worth together, beyond what each is worth alone: ``bits[i][j]`` at
    ``knots[i]`` and ``across_knots[j]``, bilinear between them and flat outside; silent where either could not
    be made."""

    comparison: str
    across: str
    knots: tuple[float, ...]
    across_knots: tuple[float, ...]
    bits: tuple[tuple[float, ...], ...]

    @property
    def pair(self) -> tuple[str, str]:
        """The two comparisons."""
        return self.comparison, self.across

    def evidence(self, values: Matrix, names: Sequence[str]) -> Floats:
        """Signed bits of each row of a matrix with columns ``names``, shape (n,)."""
        one, other = column(values, names, self.comparison), column(values, names, self.across)
        found = np.zeros(len(values))
        made = np.flatnonzero(~np.isnan(one) & ~np.isnan(other))
        i, f = between(one[made], self.knots)
        j, g = between(other[made], self.across_knots)
        bits = np.array(self.bits)
        low = bits[i, j] * (1 - g) + bits[i, j + 1] * g
        high = bits[i + 1, j] * (1 - g) + bits[i + 1, j + 1] * g
        found[made] = low * (1 - f) + high * f
        return found


@dataclass(frozen=True)
class Gate:
    """Evidence without which no pair may be called a match, however much else agrees.

    The gate opens when any of ``any_of`` (comparison, least value) is reached. Shut, it holds the
    score smoothly below ``cap_bits``. With ``when``, it stands only where all of those are reached.
    """

    name: str
    any_of: Conditions
    cap_bits: float
    sentence: str
    when: Conditions = ()

    def needs(self) -> set[str]:
        """The comparisons it looks at."""
        return {name for name, _ in (*self.any_of, *self.when)}

    def held(self, bits: Floats, values: Matrix, names: Sequence[str]) -> Floats:
        """The score, held below the cap where the gate is shut."""
        is_open = np.zeros(len(values), dtype=bool)
        for comparison, least in self.when:
            is_open |= ~(column(values, names, comparison) >= least)
        for comparison, least in self.any_of:
            is_open |= column(values, names, comparison) >= least
        return np.where(is_open, bits, -np.logaddexp2(-bits, -self.cap_bits))


def column(values: Matrix, names: Sequence[str], comparison: str) -> Matrix:
    """The values of one comparison, shape (n,)."""
    return values[:, list(names).index(comparison)]


def between(values: Matrix, knots: Sequence[float]) -> tuple[Ints, Floats]:
    """The knot at or below each value, and how far it lies towards the next one, 0-1."""
    edges = np.asarray(knots, dtype=np.float64)
    inside = np.clip(np.asarray(values, dtype=np.float64), edges[0], edges[-1])
    place = np.clip(np.searchsorted(edges, inside, side="right") - 1, 0, len(edges) - 2)
    return place, (inside - edges[place]) / (edges[place + 1] - edges[place])
