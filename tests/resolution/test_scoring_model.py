import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.scoring import Gate, Model, ModelMismatchError, Term, load, save

COMPARISONS = ("name", "country", "unused")
MODEL = Model(
    terms=(
        Term("name", (0.0, 0.5, 1.0), (0.0, 3.0, 14.0)),
        Term("country", (0.0, 1.0), (-2.5, 1.0), missing_bits=-0.25),
    ),
    prior_bits=-6.0,
    slope=0.9,
    shift_bits=0.3,
    gates=(Gate("no shared word", (("name", 0.4),), -2.0, "no distinctive word is shared"),),
)
values = st.one_of(st.just(math.nan), st.floats(0.0, 1.0, width=32))
matrices = st.lists(st.tuples(values, values, values), min_size=1, max_size=20).map(
    lambda rows: np.array(rows, dtype=np.float32)
)


@given(matrices)
def test_contributions_sum_to_the_score(matrix):
    found = MODEL.contributions(matrix, COMPARISONS)
    assert np.allclose(found.prior + found.bits.sum(axis=1), found.total, atol=1e-9)
    assert np.allclose(found.total, MODEL.score_bits(matrix, COMPARISONS), atol=1e-9)
    expected = 1.0 / (1.0 + np.exp2(-found.total))
    assert np.allclose(MODEL.probabilities(matrix, COMPARISONS), expected, atol=1e-6)


def test_a_missing_comparison_counts_as_the_model_says_and_not_as_zero():
    matrix = np.array([[1.0, np.nan, 0.0], [1.0, 0.0, 0.0]], dtype=np.float32)
    bits = MODEL.contributions(matrix, COMPARISONS).bits[:, 1]
    assert bits[0] > bits[1]


def test_a_term_is_silent_where_its_exception_is_reached():
    term = Term("country", (0.0, 1.0), (-5.0, 0.0), unless=(("name", 0.9),))
    model = Model(terms=(term,), prior_bits=0.0)
    matrix = np.array([[0.95, 0.0, 0.0], [0.5, 0.0, 0.0]], dtype=np.float32)
    assert model.score_bits(matrix, COMPARISONS).tolist() == [0.0, -5.0]


def test_strong_pairs_stay_ordered_and_below_one():
    steep = Model(terms=(Term("name", (0.0, 1.0), (0.0, 60.0)),), prior_bits=-8.0)
    matrix = np.linspace(0.4, 1.0, 50, dtype=np.float32)[:, None]
    probability = steep.probabilities(matrix, ["name"])
    assert (np.diff(probability) > 0).all()
    assert probability.max() < 1.0


def test_a_shut_gate_holds_the_score_below_its_cap_and_says_so():
    matrix = np.array([[0.3, 1.0, 0.0]], dtype=np.float32)
    strong = Model(terms=(Term("country", (0.0, 1.0), (0.0, 20.0)),), prior_bits=0.0, gates=MODEL.gates)
    found = strong.contributions(matrix, COMPARISONS)
    assert found.total[0] <= -2.0
    assert found.names[-1] == "gate: no shared word"
    assert found.bits[0, -1] < -5.0


def test_a_gate_opens_on_any_of_its_evidence():
    open_pair = np.array([[0.5, 1.0, 0.0]], dtype=np.float32)
    assert MODEL.contributions(open_pair, COMPARISONS).bits[0, -1] == 0.0


def test_a_saved_model_is_readable_json_and_scores_the_same_when_loaded(tmp_path):
    path = tmp_path / "model.json"
    saved = save(MODEL, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["terms"][0]["comparison"] == "name"
    loaded = load(path, COMPARISONS)
    assert loaded == saved
    matrix = np.random.default_rng(0).random((50, 3), dtype=np.float32)
    assert np.allclose(loaded.score_bits(matrix, COMPARISONS), MODEL.score_bits(matrix, COMPARISONS), atol=1e-3)


def test_the_model_id_changes_with_what_decides_scores_and_not_with_the_manifest(tmp_path):
    one = save(MODEL, tmp_path / "a.json")
    other = save(Model(**{**MODEL.__dict__, "manifest": {"note": "trained elsewhere"}}), tmp_path / "b.json")
    third = save(Model(**{**MODEL.__dict__, "threshold": 0.6}), tmp_path / "c.json")
    assert one.model_id == other.model_id != third.model_id


def test_a_model_with_unknown_comparisons_is_refused_by_name(tmp_path):
    path = tmp_path / "model.json"
    save(MODEL, path)
    with pytest.raises(ModelMismatchError, match=r"country.*known are name"):
        load(path, ("name",))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 99}, "schema_version"),
        ({"surprise": 1}, "unknown keys.*surprise"),
        ({"threshold": 1.5}, "threshold"),
        ({"prior_bits": "many"}, "finite number"),
        (
            {"terms": [{"comparison": "name", "knots": [1, 0], "bits": [0, 1], "missing_bits": 0, "unless": []}]},
            "ascend",
        ),
    ],
)
def test_a_damaged_model_is_refused_with_a_reason(tmp_path, change, said):
    path = tmp_path / "model.json"
    save(MODEL, path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ModelMismatchError, match=said):
        load(path, COMPARISONS)


@pytest.mark.parametrize("content", [b"", b"\x80\x04\x95pickle", b"[1, 2]", b'{"schema_version": 1'])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ModelMismatchError, match=r"model\.json"):
        load(path, COMPARISONS)


def test_a_matrix_of_the_wrong_width_is_refused():
    with pytest.raises(ModelMismatchError, match="3 comparison columns"):
        MODEL.probabilities(np.zeros((2, 5), dtype=np.float32), COMPARISONS)
