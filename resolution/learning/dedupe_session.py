"""dedupe as the learner: our comparisons inside its data model, our curves as its classifier.

dedupe decides what it is good at deciding: which blocking rules cover the known matches at the least
cost, and what to ask next. It never compares strings itself: ``ComparisonDataModel`` answers its calls for
distances from the comparison matrix that the bulk path uses too, so training and scoring cannot drift
apart. Its randomness is pinned (it draws from unseeded generators and iterates over sets of predicates).
"""

import random
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dedupe
import numpy as np
import numpy.typing as npt
from dedupe import datamodel, labeler
from dedupe import training as dedupe_training
from dedupe.predicates import Predicate, SimplePredicate
from sklearn.exceptions import ConvergenceWarning

from resolution.learning.fit import Basis, fit_model
from resolution.learning.rules import CANDIDATES, TWINS
from resolution.scoring import Model
from resolution.scoring.evidence import Matrix

Ints = npt.NDArray[np.int64]
ComparePairs = Callable[[Ints, Ints], Matrix]
Record = Mapping[str, Any]


class TextField:
    """One text field of a record as dedupe sees it: predicates to block on and no comparator of its own."""

    type = "Text"
    has_missing = True

    def __init__(self, field: str) -> None:
        self.field = field
        self.name = field
        self.predicates: list[Predicate] = [
            SimplePredicate(TWINS[function][0], field) for function in CANDIDATES[field]
        ]

    def __len__(self) -> int:
        return 1

    @staticmethod
    def comparator(one: str, other: str) -> float:
        """Never asked: ComparisonDataModel answers for all fields at once."""
        raise NotImplementedError("distances come from ComparisonDataModel")


class ComparisonDataModel(datamodel.DataModel):
    """dedupe's data model, answering from our comparisons: k values (0 where not made), then k made-flags."""

    def __init__(self, compare_pairs: ComparePairs) -> None:
        super().__init__([TextField(field) for field in CANDIDATES])
        self._compare_pairs = compare_pairs

    @property
    def predicates(self) -> list[Predicate]:  # type: ignore[override]
        """In a fixed order: dedupe's own is a set, whose order changes from process to process."""
        return [p for variable in self.field_variables for p in variable.predicates]

    def distances(self, record_pairs: Sequence[tuple[Record, Record]]) -> npt.NDArray[np.float64]:
        """Comparison values and made-flags, shape (n, 2k), for pairs of records that carry ``number``."""
        left = np.array([one["number"] for one, _ in record_pairs], dtype=np.int64)
        right = np.array([other["number"] for _, other in record_pairs], dtype=np.int64)
        values = np.asarray(self._compare_pairs(left, right), dtype=np.float64)
        return np.hstack([np.nan_to_num(values, nan=0.0), ~np.isnan(values)])


class CurveClassifier:
    """The classifier that dedupe trains: evidence curves, drawn towards a model already at hand."""

    def __init__(self, comparisons: Sequence[str], basis: Basis, towards: Model | None, ridge: float) -> None:
        self.comparisons, self.basis, self.towards, self.ridge = comparisons, basis, towards, ridge
        self.model: Model | None = None

    def fit(self, distances: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> "CurveClassifier":
        """Fit to what ComparisonDataModel.distances gives."""
        self.model = fit_model(
            _values(distances),
            np.asarray(labels) == 1,
            self.comparisons,
            self.basis,
            ridge=self.ridge,
            towards=self.towards,
        )
        return self

    def predict_proba(self, distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Probabilities of (different, same), shape (n, 2), as scikit-learn has it."""
        if self.model is None:
            raise ValueError("expected a fitted classifier: call fit first")
        same = self.model.probabilities(_values(distances), self.comparisons).astype(np.float64)
        return np.column_stack([1.0 - same, same])


def learn(
    texts: Sequence[Mapping[str, Any]],
    same: Sequence[tuple[int, int]],
    different: Sequence[tuple[int, int]],
    compare_pairs: ComparePairs,
    classifier: CurveClassifier,
    *,
    seed: int,
    recall: float = 0.95,
) -> tuple[Model, list[dict[str, Any]]]:
    """Let dedupe learn from judged pairs; returns the uncalibrated model and its blocking rules.

    ``texts`` are the rule texts of all records at hand (resolution.learning.rules.texts): the judged ones,
    and a sample of the corpus where there is one, which tells dedupe what a rule costs. ``same`` and
    ``different`` are pairs of positions in it.
    """
    records: dict[int, Record] = {i: {**text, "number": i} for i, text in enumerate(texts)}
    judged: Any = {
        "match": [(records[a], records[b]) for a, b in same],
        "distinct": [(records[a], records[b]) for a, b in different],
    }
    with repeatable(seed), warnings.catch_warnings():
        # Its labeller's own regression need not converge: nothing is asked here.
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner = dedupe.Dedupe([TextField(field) for field in CANDIDATES], num_cores=0, in_memory=True)
        learner.data_model = ComparisonDataModel(compare_pairs)
        learner.classifier = classifier  # type: ignore[assignment]
        learner.training_pairs = judged
        learner.prepare_training(records)
        learner.train(recall=recall, index_predicates=False)
        rules = sorted((_rule(p) for p in learner.predicates), key=str)
        learner.cleanup_training()
    if classifier.model is None:
        raise RuntimeError("dedupe finished training without fitting its classifier")
    return classifier.model, rules


def _rule(predicate: Predicate) -> dict[str, Any]:
    parts = [{"function": p.func.__name__, "field": p.field} for p in predicate]
    return {"predicates": sorted(parts, key=lambda p: (p["field"], p["function"]))}


def _values(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    width = distances.shape[1] // 2
    return np.where(distances[:, width:] > 0, distances[:, :width], np.nan)


MOST_COVERED = 60_000
"""Pairs over all predicates that dedupe looks at when it combines predicates, 5,000 times over."""


def _lean_conjunctions(match_cover: Any, comparison_cover: Any, size: int) -> Mapping[Predicate, Any]:
    """dedupe's conjunctions of predicates, priced on a part of the pairs where they cover very many.

    It intersects the whole sets of covered pairs for every draw, which takes half a minute for a corpus of a
    thousand like names. The same part is taken of every predicate's pairs, and the prices are scaled back.
    """
    step = 1 + sum(map(len, comparison_cover.values())) // MOST_COVERED
    part = {p: frozenset(c for c in cover if (c[0] * 31 + c[1]) % step == 0) for p, cover in comparison_cover.items()}
    found: Mapping[Predicate, Any] = _CONJUNCTIONS(match_cover, part if step > 1 else comparison_cover, size)
    for predicate in found:
        predicate.cover_count *= step
    return found


_CONJUNCTIONS = dedupe_training.random_forest_candidates


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Pin every source of chance in dedupe, and give the caller's random state back afterwards."""
    generator, state = np.random.default_rng, random.getstate()
    choose = labeler._filter_canopy_predicates
    seeded = generator(seed)

    def in_order(predicates: Iterable[Predicate], canopies: bool) -> list[Predicate]:
        return sorted(choose(predicates, canopies), key=repr)

    def always_seeded(given: Any = None) -> np.random.Generator:
        return seeded if given is None else generator(given)

    random.seed(seed)
    np.random.default_rng = always_seeded  # type: ignore[assignment]
    labeler._filter_canopy_predicates = in_order  # type: ignore[assignment]
    dedupe_training.random_forest_candidates = _lean_conjunctions  # type: ignore[assignment]
    try:
        yield
    finally:
        np.random.default_rng = generator
        labeler._filter_canopy_predicates = choose
        dedupe_training.random_forest_candidates = _CONJUNCTIONS
        random.setstate(state)
