"""An additive model of evidence: every comparison adds or takes away bits, and the sum is the score.

A bit is a doubling of the odds that two records are one legal entity. Each comparison has one curve, a few
couples of comparisons have a grid for what they say together, all add up to log-odds, and a calibration line
fitted on held-out pairs turns the sum into a probability. The form is that of a generalised additive model
with pairwise interactions (Hastie and Tibshirani, 1990; Lou, Caruana and others, 2013); the bits are the match
weights of Fellegi and Sunter (1969).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from resolution.scoring.evidence import Floats, Gate, Grid, Matrix, Term

PLAIN_BITS = 8.0
CERTAIN_BITS = 16.0
GATE = "gate: "


class ModelMismatchError(ValueError):
    """The model and the comparisons at hand are not made for each other."""


@dataclass(frozen=True)
class Contributions:
    """Why a score is what it is, in bits: ``prior + bits.sum(axis=1) == total`` for every pair.

    ``bits`` has shape (n, k), its columns named by ``names``: comparisons, then gates. What a grid says is
    shared evenly between its two comparisons.
    """

    names: tuple[str, ...]
    prior: Floats
    bits: Floats
    total: Floats


@dataclass(frozen=True)
class Model:
    """A scoring model; immutable, readable as JSON (see resolution.scoring.store)."""

    terms: tuple[Term, ...]
    prior_bits: float
    grids: tuple[Grid, ...] = ()
    slope: float = 1.0
    shift_bits: float = 0.0
    gates: tuple[Gate, ...] = ()
    threshold: float = 0.5
    rules: tuple[Mapping[str, Any], ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)
    model_id: str = ""

    def needed(self) -> set[str]:
        """Names of all comparisons that the model looks at."""
        found = [t.needs() for t in self.terms] + [set(g.pair) for g in self.grids]
        return set().union(*found, *(g.needs() for g in self.gates))

    def require(self, comparisons: Sequence[str]) -> None:
        """ModelMismatchError where a comparison that the model needs is not among ``comparisons``."""
        absent = sorted(self.needed() - set(comparisons))
        if absent:
            raise ModelMismatchError(
                f"model {self.model_id or '(unnamed)'} was trained with comparisons that do not exist here: "
                f"{', '.join(absent)}; known are {', '.join(comparisons)}. "
                "Train the model again, or use the version of brassplate it was trained with."
            )

    def contributions(self, values: Matrix, comparisons: Sequence[str] | None = None) -> Contributions:
        """Signed bits of every term, grid and gate for a matrix (n, k) of comparison values."""
        names = self._checked(values, comparisons)
        labels = tuple(dict.fromkeys([t.comparison for t in self.terms] + [c for g in self.grids for c in g.pair]))
        place = {label: i for i, label in enumerate(labels)}
        bits = np.zeros((len(values), len(labels) + len(self.gates)))
        for term in self.terms:
            bits[:, place[term.comparison]] += self.slope * term.evidence(values, names)
        for grid in self.grids:
            together = self.slope * grid.evidence(values, names)
            for comparison in grid.pair:
                bits[:, place[comparison]] += together / 2.0
        prior = np.full(len(values), self.slope * self.prior_bits + self.shift_bits)
        total = prior + bits.sum(axis=1)
        restraint = _restraint(total)
        prior, total = prior * restraint, total * restraint
        bits *= restraint[:, None]
        for i, gate in enumerate(self.gates, start=len(labels)):
            held = gate.held(total, values, names)
            bits[:, i] = held - total
            total = held
        return Contributions(labels + tuple(GATE + g.name for g in self.gates), prior, bits, total)

    def score_bits(self, values: Matrix, comparisons: Sequence[str] | None = None) -> Floats:
        """Calibrated log2 odds, shape (n,); the same as ``contributions(values).total``, with less memory."""
        names = self._checked(values, comparisons)
        total = np.full(len(values), self.slope * self.prior_bits + self.shift_bits)
        for term in self.terms:
            total += self.slope * term.evidence(values, names)
        for grid in self.grids:
            total += self.slope * grid.evidence(values, names)
        total *= _restraint(total)
        for gate in self.gates:
            total = gate.held(total, values, names)
        return total

    def probabilities(self, values: Matrix, comparisons: Sequence[str] | None = None) -> npt.NDArray[np.float32]:
        """Calibrated probability that each pair is one legal entity, float32 (n,), never exactly 0 or 1."""
        return probability_of(self.score_bits(values, comparisons)).astype(np.float32)

    def _checked(self, values: Matrix, comparisons: Sequence[str] | None) -> tuple[str, ...]:
        names = comparison_names() if comparisons is None else tuple(comparisons)
        if values.ndim != 2 or values.shape[1] != len(names):
            raise ModelMismatchError(
                f"expected a matrix of {len(names)} comparison columns, found shape {values.shape}; "
                "make it with resolution.comparison.compare"
            )
        self.require(names)
        return names


def comparison_names() -> tuple[str, ...]:
    """The comparisons this version makes, in the column order of ``resolution.comparison.compare``."""
    from resolution.comparison import COMPARISONS

    return tuple(c.name for c in COMPARISONS)


def probability_of(bits: Floats) -> Floats:
    """Log2 odds to probability."""
    return 1.0 / (1.0 + np.exp2(-np.asarray(bits, dtype=np.float64)))


def _restraint(total: Floats) -> Floats:
    """Factor that leaves scores within PLAIN_BITS alone and bends the rest towards CERTAIN_BITS.

    Strictly monotone, so that strong pairs stay ordered instead of piling up at 1: company records
    never make anything surer than one in 2 ** CERTAIN_BITS.
    """
    size = np.abs(total)
    span = CERTAIN_BITS - PLAIN_BITS
    excess = np.maximum(size - PLAIN_BITS, 0.0)
    bent = PLAIN_BITS + span * excess / (excess + span)
    return np.where(size > PLAIN_BITS, bent / np.maximum(size, PLAIN_BITS), 1.0)
