import numpy as np
import pyarrow as pa

from resolution.learning.questions import MOST_PER_RECORD, uncertain_pairs
from resolution.schema import JUDGEMENTS, SCORED_PAIRS


def scored(count=200, seed=0):
    probability = np.random.default_rng(seed).random(count)
    rows = [
        {
            "left_record_id": f"a{i % 20:02d}",
            "right_record_id": f"b{i:03d}",
            "match_probability": float(p),
            "name_likeness": 0.5,
            "name_path": "same script",
            "blocking_rules": [],
            "why": "",
        }
        for i, p in enumerate(probability)
    ]
    return pa.Table.from_pylist(rows, schema=SCORED_PAIRS)


def test_questions_are_unsure_pairs_spread_over_the_probabilities():
    asked = uncertain_pairs(scored(), 25)
    assert asked.num_rows == 25
    assert asked.schema == SCORED_PAIRS
    probability = asked["match_probability"].to_numpy()
    assert ((probability > 0.03) & (probability < 0.97)).all()
    assert len(np.unique((probability * 4).astype(int))) == 4


def test_no_record_fills_the_queue():
    asked = uncertain_pairs(scored(), 100)
    assert asked["left_record_id"].value_counts().field("counts").to_numpy().max() <= MOST_PER_RECORD


def test_the_order_of_the_input_does_not_change_the_questions():
    pairs = scored()
    shuffled = pairs.take(pa.array(np.random.default_rng(1).permutation(pairs.num_rows)))
    assert uncertain_pairs(pairs, 20).equals(uncertain_pairs(shuffled, 20))


def test_judged_pairs_are_not_asked_again():
    pairs = scored(10)
    first = uncertain_pairs(pairs, 3)
    judged = pa.table(
        {name: first[name] for name in ("left_record_id", "right_record_id")}
        | {"judgement": pa.array(["unsure"] * first.num_rows)}
    )
    again = uncertain_pairs(pairs, 10, judgements=judged)
    assert not set(again["right_record_id"].to_pylist()) & set(first["right_record_id"].to_pylist())


def test_nothing_to_ask_is_an_empty_table():
    assert uncertain_pairs(SCORED_PAIRS.empty_table(), 5).num_rows == 0
    assert uncertain_pairs(scored(5), 5, judgements=JUDGEMENTS.empty_table()).num_rows <= 5
