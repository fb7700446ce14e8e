import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.clustering import Constraints, cluster
from resolution.clustering.linkage import APART, TOGETHER, average_linkage

RECORDS = 12


def pairs_of(rows):
    rows = sorted({(min(a, b), max(a, b)): p for a, b, p in rows if a != b}.items())
    left = np.array([a for (a, _), _ in rows], dtype=np.int64)
    right = np.array([b for (_, b), _ in rows], dtype=np.int64)
    return left, right, np.array([p for _, p in rows], dtype=np.float64)


def constraints(same=(), different=(), register=None):
    return Constraints(
        np.array(same, dtype=np.int64).reshape(-1, 2),
        np.array(different, dtype=np.int64).reshape(-1, 2),
        np.full(RECORDS, -1) if register is None else np.array(register),
    )


record = st.integers(0, RECORDS - 1)
scored = st.lists(st.tuples(record, record, st.floats(0.0, 1.0)), max_size=40).map(pairs_of)
judged = st.lists(st.tuples(record, record).filter(lambda p: p[0] != p[1]), max_size=6)


def test_a_probable_pair_is_one_cluster_and_the_rest_are_alone():
    found = cluster(4, *pairs_of([(0, 2, 0.9), (1, 3, 0.2)]), 0.5)
    assert found.labels.tolist() == [0, 1, 0, 3]
    assert found.support.tolist() == [0.9, 1.0, 0.9, 1.0]


def test_a_chain_is_broken_where_its_ends_do_not_fit():
    chain = pairs_of([(0, 1, 0.95), (1, 2, 0.6)])
    loose = cluster(3, *chain, 0.5, score_missing=lambda a, b: np.full(len(a), 0.9))
    broken = cluster(3, *chain, 0.5, score_missing=lambda a, b: np.full(len(a), 0.01))
    assert loose.labels.tolist() == [0, 0, 0]
    assert broken.labels.tolist() == [0, 0, 2]
    assert broken.report["densified_pairs"] == 1


def test_judged_the_same_merges_what_the_model_denies():
    found = cluster(RECORDS, *pairs_of([(0, 1, 0.01)]), 0.5, constraints(same=[(0, 1)]))
    assert found.labels[0] == found.labels[1] == 0


def test_judged_different_keeps_whole_clusters_apart():
    edges = pairs_of([(0, 1, 0.99), (2, 3, 0.99), (1, 2, 0.97), (0, 2, 0.97), (0, 3, 0.97), (1, 3, 0.97)])
    found = cluster(RECORDS, *edges, 0.5, constraints(different=[(0, 3)]))
    assert found.labels[0] != found.labels[3]


def test_two_records_of_one_register_never_share_a_cluster():
    register = [-1, 7, 7] + [-1] * (RECORDS - 3)
    edges = pairs_of([(0, 1, 0.99), (0, 2, 0.98)])
    found = cluster(RECORDS, *edges, 0.5, constraints(register=register))
    assert found.labels[0] == found.labels[1] != found.labels[2]


def test_a_later_judgement_that_contradicts_an_earlier_one_is_counted():
    found = cluster(
        RECORDS,
        *pairs_of([]),
        0.5,
        constraints(same=[(0, 1), (1, 2)], different=[(0, 2)]),
    )
    assert found.labels[0] == found.labels[1] != found.labels[2]
    assert found.report["contradicted_judgements"] == 1


def test_a_component_over_the_limit_is_cut_at_its_weakest_bridge_and_reported():
    rng = np.random.default_rng(0)
    rows = [(a, b, 0.9 + 0.05 * rng.random()) for a in range(6) for b in range(a)]
    rows += [(a, b, 0.9 + 0.05 * rng.random()) for a in range(6, 12) for b in range(6, a)]
    rows += [(2, 8, 0.55)]
    found = cluster(RECORDS, *pairs_of(rows), 0.5, max_component=8)
    assert found.labels.tolist() == [0] * 6 + [6] * 6
    assert found.report["cuts"] == [
        {"records": 12, "smallest_record": 0, "pieces": 2, "pairs_cut": 1, "strongest_cut": 0.55}
    ]
    assert found.report["threshold"] == 0.5


@given(scored, judged, judged, st.randoms(use_true_random=False))
def test_the_order_of_pairs_and_their_direction_do_not_matter(pairs, same, different, random):
    left, right, probability = pairs
    order = list(range(len(left)))
    random.shuffle(order)
    turned = np.array([random.random() < 0.5 for _ in order], dtype=bool)
    one, other = left[order], right[order]
    shuffled = np.where(turned, other, one), np.where(turned, one, other), probability[order]
    rules = constraints(same, different)
    first, second = cluster(RECORDS, *pairs, 0.5, rules), cluster(RECORDS, *shuffled, 0.5, rules)
    assert first.labels.tolist() == second.labels.tolist()
    assert first.support.tolist() == second.support.tolist()


@given(scored, judged, judged, st.lists(st.integers(-1, 2), min_size=RECORDS, max_size=RECORDS))
def test_constraints_are_always_respected(pairs, same, different, register):
    rules = constraints(same, different, register)
    found = cluster(RECORDS, *pairs, 0.5, rules, lambda a, b: np.full(len(a), 0.4))
    for a, b in different:
        assert found.labels[a] != found.labels[b]
    if not different:
        for a, b in same:
            assert found.labels[a] == found.labels[b]
    if not same:
        for code in (0, 1, 2):
            members = found.labels[np.array(register) == code]
            assert len(set(members.tolist())) == len(members)
    assert (found.labels <= np.arange(RECORDS)).all()
    assert ((found.support >= 0) & (found.support <= 1)).all()


def test_average_linkage_keeps_marks_apart_and_together():
    similarity = np.array(
        [[0.0, TOGETHER, 0.9, 0.9], [TOGETHER, 0.0, 0.9, APART], [0.9, 0.9, 0.0, 0.2], [0.9, APART, 0.2, 0.0]]
    )
    assert average_linkage(similarity, 0.5).tolist() == [0, 0, 0, 3]


@pytest.mark.parametrize("count", [0, 1])
def test_no_pairs_and_no_records_are_fine(count):
    found = cluster(count, *pairs_of([]), 0.5)
    assert found.labels.tolist() == list(range(count))
