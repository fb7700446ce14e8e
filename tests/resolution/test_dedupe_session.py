import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resolution.learning.dedupe_session import CurveClassifier, learn, repeatable
from resolution.learning.fit import Basis, Shape

TEXTS = [
    {"name": name, "address": address, "country": "hk"}
    for name, address in [
        ("golden star trading", "1 road"),
        ("golden star trading company", "1 road"),
        ("victory wave holdings", "2 street"),
        ("victory wave", "2 street"),
        ("orient pearl", None),
        ("orient pearl limited", "5 lane"),
        ("silver moon", "9 way"),
        ("golden sun trading", "7 road"),
    ]
]
SAME, DIFFERENT = [(0, 1), (2, 3), (4, 5)], [(0, 7), (1, 7), (2, 6), (5, 6)]
BASIS = Basis((Shape("words", (0.0, 0.5, 1.0), 1, 0.0), Shape("address", (0.0, 1.0), 1, 0.0)))


def compare_pairs(left, right):
    rows = []
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        one, other = set(TEXTS[a]["name"].split()), set(TEXTS[b]["name"].split())
        addresses = TEXTS[a]["address"], TEXTS[b]["address"]
        rows.append(
            (len(one & other) / len(one | other), np.nan if None in addresses else addresses[0] == addresses[1])
        )
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


def train(seed=0):
    return learn(
        TEXTS, SAME, DIFFERENT, compare_pairs, CurveClassifier(("words", "address"), BASIS, None, 1.0), seed=seed
    )


def test_dedupe_learns_rules_that_cover_the_matches_and_a_model_that_tells_them_apart():
    model, rules = train()
    assert rules
    assert all(set(p) == {"function", "field"} for r in rules for p in r["predicates"])
    score = model.score_bits
    same = score(compare_pairs(*np.array(SAME).T), ("words", "address"))
    different = score(compare_pairs(*np.array(DIFFERENT).T), ("words", "address"))
    assert same.min() > different.max()


def test_the_same_seed_teaches_the_same_whatever_the_hash_seed():
    script = "import test_dedupe_session as t; print(repr(t.train()))"
    said = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{Path(__file__).parent}:."}
        run = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
        )
        said.add(run.stdout)
    assert said == {repr(train()) + "\n"}


def test_training_gives_back_the_callers_random_state():
    random.seed(5)
    generator, expected = np.random.default_rng, random.Random(5).random()
    with repeatable(1):
        random.random()
    assert random.random() == expected
    assert np.random.default_rng is generator


def test_the_installed_dedupe_still_has_what_we_hold_it_by():
    import inspect

    import dedupe
    from dedupe import datamodel, labeler, predicates, training

    assert {"recall", "index_predicates"} <= set(inspect.signature(dedupe.Dedupe.train).parameters)
    assert "distances" in vars(datamodel.DataModel)
    assert isinstance(datamodel.DataModel.predicates, property)
    assert callable(labeler._filter_canopy_predicates)
    assert list(inspect.signature(training.random_forest_candidates).parameters)[1] == "comparison_cover"
    assert predicates.SimplePredicate(predicates.fingerprint, "name").func is predicates.fingerprint


def test_an_unfitted_classifier_says_what_to_do():
    with pytest.raises(ValueError, match="call fit first"):
        CurveClassifier(("words",), BASIS, None, 1.0).predict_proba(np.zeros((1, 2)))
