import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.learning.fit import Basis, GridShape, Shape, calibration_line, fit_model
from resolution.scoring.model import probability_of

NAMES = ("name", "country")
BASIS = Basis(
    (Shape("name", (0.0, 0.5, 1.0), 1, 0.5), Shape("country", (0.0, 0.5, 1.0), 1, 0.5)),
    (GridShape("name", "country", (0.0, 0.5, 1.0), (0.0, 1.0)),),
)


def world(count=2000, seed=0):
    """Matches have like names and mostly one country; a third of the countries are missing."""
    rng = np.random.default_rng(seed)
    is_match = rng.random(count) < 0.3
    name = np.where(is_match, rng.beta(6, 1.5, count), rng.beta(2, 3, count))
    country = np.where(is_match, rng.random(count) < 0.95, rng.random(count) < 0.4).astype(float)
    country[rng.random(count) < 1 / 3] = np.nan
    return np.column_stack([name, country]).astype(np.float32), is_match


def test_a_fitted_model_tells_matches_apart_and_is_calibrated_as_fitted():
    values, is_match = world()
    probability = fit_model(values, is_match, NAMES, BASIS).probabilities(values, NAMES)
    assert np.mean((probability > 0.5) == is_match) > 0.9
    assert abs(probability.mean() - is_match.mean()) < 0.02


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_curves_that_may_only_rise_only_rise(seed):
    values, is_match = world(60, seed)
    rng = np.random.default_rng(seed)
    rng.shuffle(is_match)  # labels that make no sense
    for term in fit_model(values, is_match, NAMES, Basis(BASIS.shapes), ridge=0.1).terms:
        assert (np.diff(term.bits) >= -1e-9).all()


def test_a_missing_comparison_is_worth_as_much_as_the_anchor():
    values, is_match = world()
    model = fit_model(values, is_match, NAMES, Basis(BASIS.shapes))
    missing = np.array([[0.8, np.nan], [0.8, 0.5]], dtype=np.float32)
    assert np.ptp(model.score_bits(missing, NAMES)) == pytest.approx(0.0)


def test_the_more_ridge_the_nearer_to_the_model_at_hand():
    values, is_match = world()
    base = fit_model(values, is_match, NAMES, BASIS)
    few, other = values[:20], ~is_match[:20]  # twenty judgements that contradict it
    before = base.score_bits(values, NAMES)
    moved = [
        np.abs(fit_model(few, other, NAMES, BASIS, ridge=r, towards=base).score_bits(values, NAMES) - before).mean()
        for r in (1.0, 10.0, 1000.0)
    ]
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 0.3


def test_a_start_elsewhere_changes_the_time_and_not_the_model():
    values, is_match = world()
    one = fit_model(values, is_match, NAMES, BASIS)
    elsewhere = fit_model(values[:50], is_match[:50], NAMES, BASIS)
    other = fit_model(values, is_match, NAMES, BASIS, begin_at=elsewhere)
    assert np.allclose(one.score_bits(values, NAMES), other.score_bits(values, NAMES), atol=0.05)


def test_calibration_undoes_boasting():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 3, 5000)
    is_match = rng.random(5000) < probability_of(honest)
    slope, shift = calibration_line(honest * 2.0 + 1.0, is_match)
    assert slope == pytest.approx(0.5, abs=0.06)
    assert shift == pytest.approx(-0.5, abs=0.15)


def test_pairs_without_judgements_are_refused():
    values, is_match = world(10)
    with pytest.raises(ValueError, match="10 pairs, found 9"):
        fit_model(values, is_match[:9], NAMES, BASIS)
