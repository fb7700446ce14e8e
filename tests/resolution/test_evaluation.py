import numpy as np
import pytest

from resolution.evaluation import (
    b_cubed,
    best_threshold,
    blocking_recall,
    calibration_error,
    cluster_pairs,
    interval,
    pairs_judged,
)

TRUTH = np.array(["a", "a", "a", "b", "b", "c"])


def test_perfect_clusters_score_one_under_any_names():
    found = np.array([7, 7, 7, 1, 1, 9])
    assert cluster_pairs(found, TRUTH).f1 == b_cubed(found, TRUTH).f1 == 1.0


def test_one_big_cluster_has_full_recall_and_poor_precision():
    found = np.zeros(6, dtype=int)
    pairs = cluster_pairs(found, TRUTH)
    assert (pairs.precision, pairs.recall) == (4 / 15, 1.0)
    assert b_cubed(found, TRUTH).precision == pytest.approx((9 + 4 + 1) / 36)


def test_singletons_have_no_recall_but_full_b_cubed_precision():
    found = np.arange(6)
    assert cluster_pairs(found, TRUTH).recall == 0.0
    assert b_cubed(found, TRUTH).precision == 1.0
    assert b_cubed(found, TRUTH).recall == pytest.approx(3 / 6)


def test_labelled_pairs_are_judged_at_and_above_the_threshold():
    probability, truth = np.array([0.9, 0.5, 0.4]), np.array([True, False, True])
    assert pairs_judged(probability, truth, 0.5).precision == 0.5
    assert best_threshold(probability, truth)[0] == 0.4


def test_the_best_threshold_never_divides_equal_probabilities():
    probability, truth = np.array([0.5, 0.5, 0.5, 0.5]), np.array([True, False, False, False])
    threshold, agreement = best_threshold(probability, truth)
    assert (threshold, agreement.precision, agreement.recall) == (0.5, 0.25, 1.0)


def test_blocking_recall_counts_true_pairs_among_all():
    assert blocking_recall(np.array([0, 3, 0]), np.array([1, 4, 5]), TRUTH) == 0.5


def test_calibration_error_is_zero_when_the_rate_is_as_promised():
    probability = np.full(10, 0.3)
    truth = np.array([True] * 3 + [False] * 7)
    assert calibration_error(probability, truth, bins=1) == pytest.approx(0.0)
    assert calibration_error(np.full(10, 0.9), truth, bins=1) == pytest.approx(0.6)


def test_the_interval_holds_the_measure_and_repeats_by_seed():
    rows = np.arange(200)
    hits = rows % 4 == 0
    low, high = interval(lambda i: float(hits[i].mean()), rows)
    assert low < 0.25 < high
    assert (low, high) == interval(lambda i: float(hits[i].mean()), rows)
