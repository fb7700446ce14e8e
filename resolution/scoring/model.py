"""An additive model of evidence: every comparison adds or takes away bits, and the sum is the score.

A bit is a doubling of the odds that two records are one legal entity. Each comparison has one curve
(piecewise linear, so that it can be read and drawn), the curves add up to log-odds, and a calibration
line fitted on held-out pairs turns the sum into a probability. The form is that of a generalised
additive model (Hastie and Tibshirani, 1990); the bits are the match weights of Fellegi and Sunter (1969).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.floating[Any]]

PLAIN_BITS = 8.0
CERTAIN_BITS = 16.0
GATE = "gate: "


class ModelMismatchError(ValueError):
    """The model and the comparisons at hand are not made for each other."""


@dataclass(frozen=True)
class Term:
    """What one comparison's value is worth: ``bits`` at each of the ascending ``knots``, linear between
    them and flat outside; ``missing_bits`` where the comparison could not be made."""

    comparison: str
    knots: tuple[float, ...]
    bits: tuple[float, ...]
    missing_bits: float = 0.0

    def evidence(self, values: Matrix) -> Floats:
        """Signed bits of each value, shape (n,); NaN is a comparison that could not be made."""
        found = np.interp(values, self.knots, self.bits)
        return np.where(np.isnan(values), self.missing_bits, found)


@dataclass(frozen=True)
class Gate:
    """Evidence without which no pair may be called a match, however much else agrees.

    The gate opens when any of ``any_of`` (comparison, least value) is reached. Shut, it holds the
    score smoothly below ``cap_bits``. With ``when``, it stands only where all of those are reached.
    """

    name: str
    any_of: tuple[tuple[str, float], ...]
    cap_bits: float
    sentence: str
    when: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Contributions:
    """Why a score is what it is, in bits: ``prior + bits.sum(axis=1) == total`` for every pair.

    ``bits`` has shape (n, k), its columns named by ``names``: the comparisons, then the gates.
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
    slope: float = 1.0
    shift_bits: float = 0.0
    gates: tuple[Gate, ...] = ()
    threshold: float = 0.5
    rules: tuple[Mapping[str, Any], ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)
    model_id: str = ""

    def columns(self, comparisons: Sequence[str]) -> list[int]:
        """Place of each term's comparison among ``comparisons``; ModelMismatchError where one is absent."""
        needed = [t.comparison for t in self.terms] + [c for g in self.gates for c, _ in (*g.any_of, *g.when)]
        absent = sorted(set(needed) - set(comparisons))
        if absent:
            raise ModelMismatchError(
                f"model {self.model_id or '(unnamed)'} was trained with comparisons that do not exist here: "
                f"{', '.join(absent)}; known are {', '.join(comparisons)}. "
                "Train the model again, or use the version of brassplate it was trained with."
            )
        return [list(comparisons).index(t.comparison) for t in self.terms]

    def contributions(self, values: Matrix, comparisons: Sequence[str] | None = None) -> Contributions:
        """Signed bits of every comparison and gate for a matrix (n, k) of comparison values."""
        names = comparison_names() if comparisons is None else tuple(comparisons)
        values = _checked(values, names)
        places = self.columns(names)
        bits = np.zeros((len(values), len(self.terms) + len(self.gates)))
        for i, (term, place) in enumerate(zip(self.terms, places, strict=True)):
            bits[:, i] = term.evidence(values[:, place])
        evidence = bits[:, : len(self.terms)]
        evidence *= self.slope
        prior = np.full(len(values), self.slope * self.prior_bits + self.shift_bits)
        total = prior + evidence.sum(axis=1)
        restraint = _restraint(total)
        prior, total = prior * restraint, total * restraint
        evidence *= restraint[:, None]
        for i, gate in enumerate(self.gates, start=len(self.terms)):
            held = np.where(_is_open(gate, values, names), total, _softly_below(total, gate.cap_bits))
            bits[:, i] = held - total
            total = held
        labels = tuple(t.comparison for t in self.terms) + tuple(GATE + g.name for g in self.gates)
        return Contributions(labels, prior, bits, total)

    def score_bits(self, values: Matrix, comparisons: Sequence[str] | None = None) -> Floats:
        """Calibrated log2 odds, shape (n,); the same as ``contributions(values).total``, with less memory."""
        names = comparison_names() if comparisons is None else tuple(comparisons)
        values = _checked(values, names)
        total = np.full(len(values), self.slope * self.prior_bits + self.shift_bits)
        for term, place in zip(self.terms, self.columns(names), strict=True):
            total += self.slope * term.evidence(values[:, place])
        total *= _restraint(total)
        for gate in self.gates:
            total = np.where(_is_open(gate, values, names), total, _softly_below(total, gate.cap_bits))
        return total

    def probabilities(self, values: Matrix, comparisons: Sequence[str] | None = None) -> npt.NDArray[np.float32]:
        """Calibrated probability that each pair is one legal entity, float32 (n,), never exactly 0 or 1."""
        return probability_of(self.score_bits(values, comparisons)).astype(np.float32)


def comparison_names() -> tuple[str, ...]:
    """The comparisons this version makes, in the column order of ``resolution.comparison.compare``."""
    from resolution.comparison import COMPARISONS

    return tuple(c.name for c in COMPARISONS)


def probability_of(bits: Floats) -> Floats:
    """Log2 odds to probability."""
    return 1.0 / (1.0 + np.exp2(-np.asarray(bits, dtype=np.float64)))


def _checked(values: Matrix, names: Sequence[str]) -> Matrix:
    if values.ndim != 2 or values.shape[1] != len(names):
        raise ModelMismatchError(
            f"expected a matrix of {len(names)} comparison columns, found shape {values.shape}; "
            "make it with resolution.comparison.compare"
        )
    return values


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


def _softly_below(total: Floats, cap: float) -> Floats:
    return -np.logaddexp2(-total, -cap)


def _is_open(gate: Gate, values: Matrix, names: Sequence[str]) -> npt.NDArray[np.bool_]:
    is_open = np.zeros(len(values), dtype=bool)
    for comparison, least in gate.when:
        is_open |= ~(values[:, list(names).index(comparison)] >= least)
    for comparison, least in gate.any_of:
        is_open |= values[:, list(names).index(comparison)] >= least
    return is_open
