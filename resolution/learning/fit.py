"""Fitting the curves of a Model: logistic regression on ramps, bounded in sign, drawn towards a prior.

Each comparison's curve is a sum of ramps between neighbouring knots. Holding every ramp's coefficient
at or above (below) zero makes the curve rise (fall) throughout; the ridge penalty draws coefficients
towards those of a given model, so that few judgements bend a good curve a little instead of drawing a
bad one from nothing. Solved by L-BFGS-B (Byrd, Lu, Nocedal and Zhu, 1995), which is deterministic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from resolution.scoring.model import Matrix, Model, Term

Floats = npt.NDArray[np.float64]
NATS_PER_BIT = float(np.log(2.0))


@dataclass(frozen=True)
class Shape:
    """What is known of a comparison's curve before any data: its knots, and whether it may only rise (1),
    only fall (-1) or do either (0). A comparison that could not be made says nothing (0 bits) unless
    ``missing_counts``. ``anchor`` is the value that is worth 0 bits (a knot)."""

    comparison: str
    knots: tuple[float, ...]
    direction: int
    anchor: float
    missing_counts: bool = False


def fit_model(
    values: Matrix,
    is_match: npt.NDArray[np.bool_],
    comparisons: Sequence[str],
    shapes: Sequence[Shape],
    *,
    weights: Floats | None = None,
    ridge: float = 1.0,
    towards: Model | None = None,
) -> Model:
    """Fit terms and prior to judged pairs (n, k); uncalibrated (slope 1, shift 0), without gates.

    ``ridge`` is the penalty per squared nat of a ramp's coefficient, in units of one pair's loss. With
    ``towards``, the penalty is on the difference from that model's curves (its calibration included).
    """
    if len(values) != len(is_match):
        raise ValueError(f"expected a judgement for each of {len(values)} pairs, found {len(is_match)}")
    design, owner = _design(values, comparisons, shapes)
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    start, prior = _start(shapes, towards)
    lower, upper = _bounds(shapes)
    solved = minimize(
        _loss,
        np.concatenate([[prior], np.clip(start, lower, upper)]),
        args=(design, np.where(is_match, 1.0, -1.0), weight, ridge, start, prior if towards else None),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), *zip(lower, upper, strict=True)],
        options={"maxiter": 500, "maxcor": 20},
    )
    coefficients = solved.x[1:] / NATS_PER_BIT
    terms = tuple(_term(shape, coefficients[owner == i]) for i, shape in enumerate(shapes))
    return Model(terms=terms, prior_bits=float(solved.x[0]) / NATS_PER_BIT)


def calibration_line(bits: Floats, is_match: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Platt's (1999) line ``slope * bits + shift`` from held-out scores in bits, with his smoothed targets.

    The slope is held within [0.3, 1.5]: a fold that happens to be separable must not steepen the model
    without end.
    """
    positive, negative = int(is_match.sum()), int((~is_match).sum())
    target = np.where(is_match, (positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0))

    def loss(line: Floats) -> tuple[float, Floats]:
        z = (line[0] * bits + line[1]) * NATS_PER_BIT
        error = expit(z) - target
        value = float(np.sum(np.logaddexp(0.0, z) - target * z))
        return value, np.array([np.sum(error * bits), np.sum(error)]) * NATS_PER_BIT

    solved = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.3, 1.5), (-8, 8)])
    return float(solved.x[0]), float(solved.x[1])


def _design(
    values: Matrix, comparisons: Sequence[str], shapes: Sequence[Shape]
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Ramp values (n, ramps) relative to each curve's anchor, and which shape owns each column."""
    columns, owner = [], []
    for i, shape in enumerate(shapes):
        value = np.asarray(values[:, list(comparisons).index(shape.comparison)], dtype=np.float64)
        made = ~np.isnan(value)
        for low, high in zip(shape.knots[:-1], shape.knots[1:], strict=True):
            ramp = np.clip((value - low) / (high - low), 0.0, 1.0) - (1.0 if shape.anchor >= high else 0.0)
            columns.append(np.where(made, ramp, 0.0))
            owner.append(i)
        if shape.missing_counts:
            columns.append((~made).astype(np.float64))
            owner.append(i)
    return np.column_stack(columns), np.array(owner)


def _bounds(shapes: Sequence[Shape]) -> tuple[Floats, Floats]:
    lower, upper = [], []
    for shape in shapes:
        for _ in shape.knots[1:]:
            lower.append(0.0 if shape.direction > 0 else -np.inf)
            upper.append(0.0 if shape.direction < 0 else np.inf)
        if shape.missing_counts:
            lower.append(-np.inf)
            upper.append(np.inf)
    return np.array(lower), np.array(upper)


def _start(shapes: Sequence[Shape], towards: Model | None) -> tuple[Floats, float]:
    """Coefficients (nats) and prior (nats) of the model to stay near; zeros without one."""
    curves = {t.comparison: t for t in towards.terms} if towards else {}
    slope = towards.slope if towards else 1.0
    shift = 0.0
    found: list[float] = []
    for shape in shapes:
        term = curves.get(shape.comparison)
        if term is None:
            found += [0.0] * (len(shape.knots) - 1 + shape.missing_counts)
            continue
        at = np.interp(shape.knots, term.knots, term.bits) * slope
        found += np.diff(at).tolist()
        level = float(at[shape.knots.index(shape.anchor)])
        shift += level  # a curve that is not zero at its anchor moves the rest into the prior
        if shape.missing_counts:
            found.append(term.missing_bits * slope - level)
    prior = (towards.prior_bits * slope + towards.shift_bits + shift) if towards else 0.0
    return np.array(found) * NATS_PER_BIT, prior * NATS_PER_BIT


def _loss(
    point: Floats,
    design: Floats,
    sign: Floats,
    weight: Floats,
    ridge: float,
    start: Floats,
    prior: float | None,
) -> tuple[float, Floats]:
    z = (design @ point[1:] + point[0]) * sign
    away = point[1:] - start
    error = -weight * sign * expit(-z)
    value = float(weight @ np.logaddexp(0.0, -z)) + 0.5 * ridge * float(away @ away)
    gradient = np.concatenate([[error.sum()], design.T @ error + ridge * away])
    if prior is not None:
        # The prior is drawn half as hard: how common matches are is what a new corpus changes most.
        value += 0.25 * ridge * (point[0] - prior) ** 2
        gradient[0] += 0.5 * ridge * (point[0] - prior)
    return value, gradient


def _term(shape: Shape, coefficients: Floats) -> Term:
    steps = coefficients[: len(shape.knots) - 1]
    bits = np.concatenate([[0.0], np.cumsum(steps)])
    bits -= bits[shape.knots.index(shape.anchor)]
    missing = float(coefficients[-1]) if shape.missing_counts else 0.0
    return Term(shape.comparison, shape.knots, tuple(float(b) for b in bits), missing)


def manifest_of(values: Any, is_match: npt.NDArray[np.bool_]) -> dict[str, int]:
    """Counts of judged pairs for a model's training manifest."""
    return {"pairs": len(values), "same": int(is_match.sum()), "different": int((~is_match).sum())}
