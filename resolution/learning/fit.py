"""Fitting a Model: logistic regression on ramps and grid corners, bounded in sign, drawn towards a prior.

Each comparison's curve is a sum of ramps between neighbouring knots. Holding every ramp's coefficient
at or above (below) zero makes the curve rise (fall) throughout; the ridge penalty draws coefficients
towards those of a given model, so that few judgements bend a good curve a little instead of drawing a
bad one from nothing. Solved by L-BFGS-B (Byrd, Lu, Nocedal and Zhu, 1995), which is deterministic.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from resolution.scoring.evidence import Conditions, Floats, Grid, Matrix, Term, between, column
from resolution.scoring.model import Model

NATS_PER_BIT = float(np.log(2.0))
GRID_STIFFNESS = 30.0
"""How much more than a curve a grid is held back: it shall only say what curves cannot."""


@dataclass(frozen=True)
class Shape:
    """What is known of a comparison's curve before any data: its knots, and whether it may only rise (1),
    only fall (-1) or do either (0). ``anchor`` is the value that is worth 0 bits (a knot), as much as a
    comparison that could not be made. The curve is silent where one of ``unless`` is reached."""

    comparison: str
    knots: tuple[float, ...]
    direction: int
    anchor: float
    unless: Conditions = ()


@dataclass(frozen=True)
class GridShape:
    """Two comparisons that say something together, and the knots of their grid."""

    comparison: str
    across: str
    knots: tuple[float, ...]
    across_knots: tuple[float, ...]


@dataclass(frozen=True)
class Basis:
    """The form of a model: its curves and its grids."""

    shapes: tuple[Shape, ...]
    grids: tuple[GridShape, ...] = ()


def fit_model(
    values: Matrix,
    is_match: npt.NDArray[np.bool_],
    comparisons: Sequence[str],
    basis: Basis,
    *,
    weights: Floats | None = None,
    ridge: float = 1.0,
    towards: Model | None = None,
    begin_at: Model | None = None,
) -> Model:
    """Fit terms, grids and prior to judged pairs (n, k); uncalibrated (slope 1, shift 0), without gates.

    ``ridge`` is the penalty per squared nat of a ramp's coefficient, in units of one pair's loss. With
    ``towards``, the penalty is on the difference from that model's curves (its calibration included).
    ``begin_at``, a model fitted to much the same pairs, only saves time.
    """
    if len(values) != len(is_match):
        raise ValueError(f"expected a judgement for each of {len(values)} pairs, found {len(is_match)}")
    design = _design(values, comparisons, basis)
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    start, prior = _start(basis, towards)
    lower, upper = _bounds(basis)
    ramps = sum(len(shape.knots) - 1 for shape in basis.shapes)
    penalty = np.where(np.arange(len(start)) < ramps, ridge, GRID_STIFFNESS * ridge)
    first, first_prior = _start(basis, begin_at) if begin_at else (start, prior)
    sign = np.where(is_match, 1.0, -1.0)
    solved = minimize(
        _loss,
        np.concatenate([[first_prior], np.clip(first, lower, upper)]),
        args=(design, design.T.tocsr(), sign, weight, penalty, start, prior if towards else None),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), *zip(lower, upper, strict=True)],
        options={"maxiter": 300, "maxcor": 20},
    )
    terms, grids = _parts(basis, solved.x[1:] / NATS_PER_BIT)
    return Model(terms=terms, grids=grids, prior_bits=float(solved.x[0]) / NATS_PER_BIT)


def calibration_line(
    bits: Floats, is_match: npt.NDArray[np.bool_], weights: Floats | None = None
) -> tuple[float, float]:
    """Platt's (1999) line ``slope * bits + shift`` from held-out scores in bits, with his smoothed targets.

    The slope is held within [0.3, 1.5]: a fold that happens to be separable must not steepen the model
    without end.
    """
    weight = np.ones(len(bits)) if weights is None else weights
    positive, negative = float(weight[is_match].sum()), float(weight[~is_match].sum())
    target = np.where(is_match, (positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0))

    def loss(line: Floats) -> tuple[float, Floats]:
        z = (line[0] * bits + line[1]) * NATS_PER_BIT
        error = weight * (expit(z) - target)
        value = float(weight @ (np.logaddexp(0.0, z) - target * z))
        return value, np.array([np.sum(error * bits), np.sum(error)]) * NATS_PER_BIT

    solved = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.3, 1.5), (-8, 8)])
    return float(solved.x[0]), float(solved.x[1])


def _design(values: Matrix, comparisons: Sequence[str], basis: Basis) -> sparse.csr_matrix:
    """Ramps (relative to each curve's anchor), then grid corners: one column per coefficient."""
    columns: list[Floats] = []
    for shape in basis.shapes:
        value = np.asarray(column(values, comparisons, shape.comparison), dtype=np.float64)
        made = ~np.isnan(value)
        for comparison, least in shape.unless:
            made &= ~(column(values, comparisons, comparison) >= least)
        for low, high in itertools.pairwise(shape.knots):
            ramp = np.clip((value - low) / (high - low), 0.0, 1.0) - (1.0 if shape.anchor >= high else 0.0)
            columns.append(np.where(made, ramp, 0.0))
    parts = [sparse.csr_matrix(np.column_stack(columns))]
    parts += [_corners(values, comparisons, grid) for grid in basis.grids]
    return sparse.hstack(parts).tocsr()


def _corners(values: Matrix, comparisons: Sequence[str], grid: GridShape) -> sparse.csr_matrix:
    """Bilinear weight of each corner of the grid, four per pair."""
    one, other = (column(values, comparisons, name) for name in (grid.comparison, grid.across))
    made = np.flatnonzero(~np.isnan(one) & ~np.isnan(other))
    i, f = between(one[made], grid.knots)
    j, g = between(other[made], grid.across_knots)
    width = len(grid.across_knots)
    places = [i * width + j, i * width + j + 1, (i + 1) * width + j, (i + 1) * width + j + 1]
    weights = [(1 - f) * (1 - g), (1 - f) * g, f * (1 - g), f * g]
    shape = (len(values), len(grid.knots) * width)
    return sparse.csr_matrix((np.concatenate(weights), (np.tile(made, 4), np.concatenate(places))), shape)


def _bounds(basis: Basis) -> tuple[Floats, Floats]:
    lower, upper = list[float](), list[float]()
    for shape in basis.shapes:
        lower += [0.0 if shape.direction > 0 else -np.inf] * (len(shape.knots) - 1)
        upper += [0.0 if shape.direction < 0 else np.inf] * (len(shape.knots) - 1)
    corners = sum(len(g.knots) * len(g.across_knots) for g in basis.grids)
    return np.array(lower + [-np.inf] * corners), np.array(upper + [np.inf] * corners)


def _start(basis: Basis, towards: Model | None) -> tuple[Floats, float]:
    """Coefficients (nats) and prior (nats) of the model to stay near; zeros without one."""
    curves = {t.comparison: t for t in towards.terms} if towards else {}
    grids = {(g.comparison, g.across): g for g in towards.grids} if towards else {}
    slope = towards.slope if towards else 1.0
    shift, found = 0.0, list[float]()
    for shape in basis.shapes:
        term = curves.get(shape.comparison)
        if term is None:
            found += [0.0] * (len(shape.knots) - 1)
            continue
        at = np.interp(shape.knots, term.knots, term.bits) * slope
        found += np.diff(at).tolist()
        shift += float(at[shape.knots.index(shape.anchor)])  # nothing, for curves fitted here
    for grid in basis.grids:
        known = grids.get((grid.comparison, grid.across))
        corners = len(grid.knots) * len(grid.across_knots)
        found += [0.0] * corners if known is None else (np.array(known.bits).ravel() * slope).tolist()
    prior = (towards.prior_bits * slope + towards.shift_bits + shift) if towards else 0.0
    return np.array(found) * NATS_PER_BIT, prior * NATS_PER_BIT


def _loss(
    point: Floats,
    design: sparse.csr_matrix,
    turned: sparse.csr_matrix,
    sign: Floats,
    weight: Floats,
    penalty: Floats,
    start: Floats,
    prior: float | None,
) -> tuple[float, Floats]:
    z = (design @ point[1:] + point[0]) * sign
    away = point[1:] - start
    error = -weight * sign * expit(-z)
    value = float(weight @ np.logaddexp(0.0, -z)) + 0.5 * float(penalty @ (away * away))
    gradient = np.concatenate([[error.sum()], turned @ error + penalty * away])
    if prior is not None:
        # The prior is drawn half as hard: how common matches are is what a new corpus changes most.
        value += 0.25 * penalty[0] * (point[0] - prior) ** 2
        gradient[0] += 0.5 * penalty[0] * (point[0] - prior)
    return value, gradient


def _parts(basis: Basis, coefficients: Floats) -> tuple[tuple[Term, ...], tuple[Grid, ...]]:
    """Coefficients (bits, in the order of the design's columns) as terms and grids."""
    terms, grids, at = list[Term](), list[Grid](), 0
    for shape in basis.shapes:
        steps = coefficients[at : at + len(shape.knots) - 1]
        at += len(steps)
        bits = np.concatenate([[0.0], np.cumsum(steps)])
        bits -= bits[shape.knots.index(shape.anchor)]
        terms.append(Term(shape.comparison, shape.knots, tuple(bits.tolist()), 0.0, shape.unless))
    for grid in basis.grids:
        size = len(grid.knots) * len(grid.across_knots)
        rows = coefficients[at : at + size].reshape(len(grid.knots), -1)
        at += size
        bits_of = tuple(tuple(row) for row in rows.tolist())
        grids.append(Grid(grid.comparison, grid.across, grid.knots, grid.across_knots, bits_of))
    return tuple(terms), tuple(grids)


def manifest_of(values: Any, is_match: npt.NDArray[np.bool_]) -> dict[str, int]:
    """Counts of judged pairs for a model's training manifest."""
    return {"pairs": len(values), "same": int(is_match.sum()), "different": int((~is_match).sum())}
