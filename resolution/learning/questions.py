"""What to ask reviewers next, chosen by dedupe's labeller among the pairs the model is unsure of."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from dedupe import labeler

from resolution.learning.dedupe_session import repeatable

UNSURE = (0.03, 0.97)
"""Match probabilities between which a judgement can still teach something."""

MOST_PER_RECORD = 2
"""One record with many look-alikes must not fill the queue."""

ENDS = ["left_record_id", "right_record_id"]


class _Opinion(labeler.Learner):
    """One member of dedupe's committee whose opinion of all candidates is already known."""

    def __init__(self, scores: npt.NDArray[np.float64]) -> None:
        self._scores = scores

    def fit(self, pairs: Any, y: Any) -> None:
        """Nothing to fit: the opinion comes from the run that scored the pairs."""

    def candidate_scores(self) -> npt.NDArray[np.float64]:
        """The opinion, as a column."""
        return self._scores.reshape(-1, 1)

    def remove(self, index: int) -> None:
        """Forget a candidate that has been asked."""
        self._scores = np.delete(self._scores, index)


class _Labeller(labeler.DisagreementLearner):
    """dedupe's labeller over known opinions: the model's probability, and blocking, which covers all."""

    def __init__(self, probability: npt.NDArray[np.float64]) -> None:
        super().__init__()
        self.matcher: Any = _Opinion(probability)
        self.blocker: Any = _Opinion(np.ones(len(probability)))
        self._candidates: Any = list(range(len(probability)))


def uncertain_pairs(scored: pa.Table, count: int, *, judgements: pa.Table | None = None, seed: int = 0) -> pa.Table:
    """Up to ``count`` rows of SCORED_PAIRS in the order in which to ask about them.

    Pairs already judged are left out (unsure counts as judged). The labeller spreads its questions evenly
    over the probabilities between UNSURE, so that the easy majority does not crowd out the hard cases. The
    same pairs and seed give the same questions in any order of the input.
    """
    low, high = UNSURE
    probability = scored["match_probability"]
    open_pairs = scored.filter(pc.and_(pc.greater(probability, low), pc.less(probability, high)))
    if judgements is not None and judgements.num_rows:
        known = {tuple(row.values()) for row in judgements.select(ENDS).to_pylist()}
        ends = zip(open_pairs[ENDS[0]].to_pylist(), open_pairs[ENDS[1]].to_pylist(), strict=True)
        open_pairs = open_pairs.filter(pa.array([pair not in known for pair in ends], pa.bool_()))
    open_pairs = open_pairs.sort_by([("left_record_id", "ascending"), ("right_record_id", "ascending")])
    left, right = open_pairs["left_record_id"].to_pylist(), open_pairs["right_record_id"].to_pylist()
    asked, seen = list[int](), dict[str, int]()
    with repeatable(seed):
        labeller = _Labeller(open_pairs["match_probability"].to_numpy().astype(np.float64))
        while len(asked) < count and len(labeller):
            row: Any = labeller.pop()
            if max(seen.get(left[row], 0), seen.get(right[row], 0)) < MOST_PER_RECORD:
                asked.append(row)
                for record in (left[row], right[row]):
                    seen[record] = seen.get(record, 0) + 1
    return open_pairs.take(pa.array(asked, pa.int64())).select(scored.column_names)
