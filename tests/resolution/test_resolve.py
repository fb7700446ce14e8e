from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolution.resolve import Keep, resolve
from resolution.schema import CLUSTER_EVENTS, CLUSTER_MEMBERS, JUDGEMENTS, RECORDS, SCORED_PAIRS
from resolution.scoring import load_default

LISTED = date(2010, 1, 13)
HOLDINGS = "Victory Wave Holdings Limited"
WORLD = [
    {"record_id": "el:1", "source": "el", "name": HOLDINGS, "country": "HK", "known_since": LISTED},
    {"record_id": "csl:1", "source": "csl", "name": HOLDINGS, "country": "Hong Kong", "known_since": LISTED},
    {
        "record_id": "hk:1106906",
        "source": "hk",
        "name": "VICTORY WAVE HOLDINGS LIMITED",
        "country": "HK",
        "is_register": True,
        "registration_number": "1106906",
        "incorporation_date": date(2007, 2, 1),
        "dissolution_date": date(2011, 3, 25),
    },
    {
        "record_id": "hk:1447829",
        "source": "hk",
        "name": "VICTORY WAVE LIMITED",
        "other_names": ["榮滔有限公司"],
        "country": "HK",
        "is_register": True,
        "registration_number": "1447829",
        "incorporation_date": date(2010, 4, 23),
    },
    {"record_id": "ams:1", "source": "ams", "name": "ZYXOMMA ELECTRONICS CO LTD", "country": "CN"},
    {"record_id": "ams:2", "source": "ams", "name": "ZYXOMA ELECTRONICS CO., LTD", "country": "CN"},
    {"record_id": "ams:3", "source": "ams", "name": "ORIENT PEARL SHIPPING", "country": "CN"},
    {
        "record_id": "syn:1",
        "source": "syn",
        "name": "ZYXOMMA ELECTRONICS CO LTD",
        "country": "CN",
        "is_synthetic": True,
    },
]


def records(rows=WORLD):
    return pa.Table.from_pylist(list(rows), schema=RECORDS)


def clusters(resolution):
    groups = {}
    for row in resolution.members.to_pylist():
        groups.setdefault(row["canonical_id"], set()).add(row["record_id"])
    return {frozenset(g) for g in groups.values()}


def judged(*pairs):
    rows = [
        {"left_record_id": a, "right_record_id": b, "judgement": said, "judged_at": datetime(2026, 1, 1, tzinfo=UTC)}
        for a, b, said in pairs
    ]
    return pa.Table.from_pylist(rows, schema=JUDGEMENTS)


@pytest.fixture(scope="module")
def found():
    return resolve(records())


def test_tables_have_their_shapes_and_members_the_order_of_the_input(found):
    assert found.scored_pairs.schema == SCORED_PAIRS
    assert found.members.schema == CLUSTER_MEMBERS
    assert found.events.schema == CLUSTER_EVENTS
    assert found.members["record_id"].to_pylist() == [r["record_id"] for r in WORLD]
    pairs = found.scored_pairs.to_pylist()
    assert all(p["left_record_id"] < p["right_record_id"] and p["blocking_rules"] and p["why"] for p in pairs)


def test_the_listed_company_merges_with_its_register_entry_and_not_with_its_look_alike(found):
    merged = {frozenset({"el:1", "csl:1", "hk:1106906"}), frozenset({"ams:1", "ams:2"})}
    assert {g for g in clusters(found) if len(g) > 1} == merged


def test_the_look_alike_is_kept_as_a_pair_with_its_likeness(found):
    pairs = {(p["left_record_id"], p["right_record_id"]): p for p in found.scored_pairs.to_pylist()}
    pair = pairs["el:1", "hk:1447829"]
    assert pair["name_likeness"] > 0.9
    assert pair["match_probability"] < 0.2


def test_synthetic_and_real_records_never_meet(found):
    for pair in found.scored_pairs.to_pylist():
        assert "syn:1" not in (pair["left_record_id"], pair["right_record_id"])


def test_two_records_of_one_register_never_meet(found):
    ends = {(p["left_record_id"], p["right_record_id"]) for p in found.scored_pairs.to_pylist()}
    assert ("hk:1106906", "hk:1447829") not in ends


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.permutations(range(len(WORLD))))
def test_the_order_of_the_input_does_not_matter(found, order):
    shuffled = resolve(records([WORLD[i] for i in order]))
    assert shuffled.scored_pairs.equals(found.scored_pairs)
    assert shuffled.members.sort_by("record_id").equals(found.members.sort_by("record_id"))


def test_judgements_bind_the_clusters():
    said = judged(("ams:1", "ams:2", "different"), ("ams:3", "ams:2", "same"), ("gone", "ams:1", "same"))
    groups = clusters(resolve(records(), judgements=said))
    assert frozenset({"ams:2", "ams:3"}) in groups
    assert frozenset({"ams:1"}) in groups


def test_ids_survive_a_second_run_and_changes_are_told(found):
    again = resolve(records(), previous=found.members)
    assert again.members.equals(found.members)
    assert again.events.num_rows == 0
    without = resolve(records(WORLD[1:]), previous=found.members)
    ids = dict(zip(found.members["record_id"].to_pylist(), found.members["canonical_id"].to_pylist(), strict=True))
    now = dict(zip(without.members["record_id"].to_pylist(), without.members["canonical_id"].to_pylist(), strict=True))
    assert now["hk:1106906"] == ids["el:1"]


def test_what_is_kept_can_be_chosen():
    strict = resolve(records(), keep=Keep(probability=0.5, likeness=2.0))
    assert (strict.scored_pairs["match_probability"].to_numpy() >= 0.5).all()
    assert strict.members.num_rows == len(WORLD)


def test_batches_of_any_size_give_the_same(found):
    assert resolve(records(), batch_pairs=2).scored_pairs.equals(found.scored_pairs)


def test_rules_that_a_model_learned_propose_pairs_too():
    rule = {"predicates": [{"function": "wholeFieldPredicate", "field": "address"}]}
    model = replace(load_default(), rules=(rule,))
    rows = [
        {"record_id": "a", "name": "Zyxomma Trading", "address": "7 Quiet Lane, Cork"},
        {"record_id": "b", "name": "Orient Pearl", "address": "7 QUIET LANE CORK"},
    ]
    keep = Keep(probability=0.0, likeness=0.0)
    assert resolve(records(rows), keep=keep).scored_pairs.num_rows == 0
    found = resolve(records(rows), model=model, keep=keep)
    assert found.scored_pairs["blocking_rules"].to_pylist() == [["learned rule"]]
    assert found.report["learned_rules"] == [{"rule": "wholeFieldPredicate of address", "pairs": 1, "keys_left_out": 0}]


def test_only_id_and_name_are_required():
    found = resolve(pa.table({"record_id": ["1", "2"], "name": ["Acme Ltd", "ACME LIMITED"]}))
    assert len(clusters(found)) == 1


def test_records_without_names_or_pairs_stand_alone():
    found = resolve(pa.table({"record_id": ["1", "2", "3"], "name": ["", None, "🏭"]}))
    assert len(clusters(found)) == 3
    assert resolve(RECORDS.empty_table()).members.num_rows == 0


def test_an_id_that_comes_twice_is_refused_by_name():
    with pytest.raises(ValueError, match="every record_id once, found again: b"):
        resolve(pa.table({"record_id": ["a", "b", "b"], "name": ["x", "y", "z"]}))


def test_a_record_without_an_id_is_refused():
    with pytest.raises(ValueError, match="1 without"):
        resolve(pa.table({"record_id": ["a", None], "name": ["x", "y"]}))


def test_progress_is_told_and_the_report_says_where_the_time_went():
    told = []
    found = resolve(records(), on_progress=lambda stage, done, of: told.append(stage))
    assert list(dict.fromkeys(told)) == ["prepare", "block", "score", "cluster", "identify"]
    assert set(found.report["seconds"]) == set(told)
    assert found.report["records"] == len(WORLD)


def test_a_thousand_identical_names_are_bounded():
    count = 1000
    table = pa.table({"record_id": [f"{i:04d}" for i in range(count)], "name": ["Zyxomma Trading Limited"] * count})
    found = resolve(table)
    assert found.report["candidate_pairs"] < 50 * count
    assert np.isfinite(found.members["probability"].to_numpy()).all()
