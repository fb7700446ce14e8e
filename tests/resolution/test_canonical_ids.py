import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from resolution.clustering import assign_canonical_ids
from resolution.schema import CLUSTER_EVENTS, CLUSTER_MEMBERS


def members(clusters):
    """{record id: cluster number} as the table that assign_canonical_ids takes."""
    return pa.table(
        {
            "record_id": pa.array(list(clusters), pa.string()),
            "cluster": pa.array(list(clusters.values()), pa.int64()),
            "probability": pa.array([1.0] * len(clusters), pa.float32()),
        }
    )


def ids(table):
    return dict(zip(table["record_id"].to_pylist(), table["canonical_id"].to_pylist(), strict=True))


def run(clusters, previous=None):
    return assign_canonical_ids(members(clusters), previous)


worlds = st.dictionaries(st.text("abcdef'\"é漢;", min_size=1, max_size=3), st.integers(0, 4), max_size=12)


def test_ids_are_short_made_from_the_smallest_record_and_need_no_history():
    first, events = run({"b": 1, "a": 1, "c": 2})
    second, _ = run({"c": 9, "a": 4, "b": 4})
    assert ids(first) == ids(second)
    assert all(len(i) == 19 and i.startswith("bp-") for i in ids(first).values())
    assert events.num_rows == 0
    assert first.schema == CLUSTER_MEMBERS
    assert events.schema == CLUSTER_EVENTS


@given(worlds)
def test_the_same_input_twice_keeps_every_id_and_has_no_events(world):
    first, _ = run(world)
    second, events = run(world, first)
    assert second.equals(first)
    assert events.num_rows == 0


@given(worlds, worlds)
def test_ids_are_one_per_cluster_whatever_changed(before, after):
    previous, _ = run(before)
    now, events = run(after, previous)
    found = ids(now)
    by_id = {}
    for record_id, cluster in after.items():
        by_id.setdefault(found[record_id], set()).add(cluster)
    assert all(len(clusters) == 1 for clusters in by_id.values())
    assert len(by_id) == len(set(after.values()))
    gone = set(ids(previous).values()) - set(found.values())
    told = {e["other_canonical_id"] for e in events.to_pylist() if e["event"] == "merged"}
    told |= {e["canonical_id"] for e in events.to_pylist() if e["event"] == "retired"}
    assert gone == told


def test_the_larger_part_of_a_split_keeps_the_id_and_the_split_is_told():
    before, _ = run({"a": 1, "b": 1, "c": 1})
    after, events = run({"a": 2, "b": 3, "c": 3}, before)
    assert ids(after)["b"] == ids(before)["a"]
    assert ids(after)["a"] != ids(before)["a"]
    (event,) = events.to_pylist()
    assert (event["event"], event["canonical_id"]) == ("split", ids(after)["a"])
    assert event["other_canonical_id"] == ids(before)["a"]
    assert event["reason"].startswith("1 of the 3 records")


def test_a_merge_keeps_the_id_of_the_larger_and_tells_which_is_no_longer_used():
    before, _ = run({"a": 1, "b": 2, "c": 2})
    after, events = run({"a": 1, "b": 1, "c": 1}, before)
    assert set(ids(after).values()) == {ids(before)["b"]}
    (event,) = events.to_pylist()
    assert (event["event"], event["other_canonical_id"]) == ("merged", ids(before)["a"])


def test_new_and_vanished_records_are_created_and_retired():
    before, _ = run({"a": 1, "b": 2})
    after, events = run({"b": 2, "c": 3}, before)
    assert {(e["event"], e["canonical_id"]) for e in events.to_pylist()} == {
        ("created", ids(after)["c"]),
        ("retired", ids(before)["a"]),
    }


def test_the_members_come_back_in_the_order_given():
    table, _ = run({"z": 1, "a": 2, "m": 1})
    assert table["record_id"].to_pylist() == ["z", "a", "m"]
