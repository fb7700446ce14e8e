"""The judgement store keeps what it acknowledged, once, and never changes it."""

import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.schema import JUDGEMENTS
from review.judgements import Answer, AnswerConflictError, JudgementError, JudgementStore, read_standing

REPOSITORY = Path(__file__).parents[2]


def answer(key: str, judgement: str = "same", *, reviewer: str = "ann", pair: tuple[str, str] = ("a:1", "b:1"),
           **changes: object) -> Answer:  # fmt: skip
    values: dict[str, object] = {
        "idempotency_key": key,
        "left_record_id": pair[0],
        "right_record_id": pair[1],
        "judgement": judgement,
        "reviewer": reviewer,
        "run_id": "run-1",
        "evidence_hash": "0" * 64,
        "left_shown": {"record_id": pair[0], "name": "榮滔"},
        "right_shown": {"record_id": pair[1], "name": "Victory Wave"},
        "match_probability": 0.5,
    }
    return Answer(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "judgements.sqlite"


def outcomes(table: pa.Table) -> list[tuple[str, str, str, str]]:
    columns = ("left_record_id", "right_record_id", "judgement", "reviewer")
    return list(zip(*(table[column].to_pylist() for column in columns), strict=True))


def test_an_answer_is_on_disk_when_it_is_acknowledged_and_is_read_back_in_the_shape_of_the_contract(path: Path) -> None:
    with JudgementStore(path) as store:
        store.record(answer("k1"))
        standing = read_standing(path)
    assert standing.schema == JUDGEMENTS
    assert outcomes(standing) == [("a:1", "b:1", "same", "ann")]
    assert standing["left_shown"].to_pylist() == ['{"name": "榮滔", "record_id": "a:1"}']
    assert standing["judged_at"].to_pylist()[0].tzinfo is not None


def test_an_absent_store_is_an_empty_table_and_reading_does_not_create_it(path: Path) -> None:
    standing = read_standing(path)
    assert standing.num_rows == 0
    assert standing.schema == JUDGEMENTS
    assert not path.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "update judgement_event set judgement = 'different'",
        "delete from judgement_event",
        "insert or replace into judgement_event select * from judgement_event",
        "replace into judgement_event (idempotency_key, left_record_id, right_record_id, judgement, reviewer, "
        "judged_at, run_id, evidence_hash, left_shown, right_shown, match_probability) "
        "select idempotency_key, left_record_id, right_record_id, 'different', reviewer, judged_at, run_id, "
        "evidence_hash, left_shown, right_shown, match_probability from judgement_event",
    ],
)
def test_a_stored_answer_can_be_neither_changed_nor_deleted_nor_replaced(path: Path, statement: str) -> None:
    with JudgementStore(path) as store:
        store.record(answer("k1"))
    con = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        con.execute(statement)
    assert con.execute("select judgement from judgement_event").fetchall() == [("same",)]
    con.close()


def test_the_same_answer_sent_twice_is_stored_once(path: Path) -> None:
    with JudgementStore(path) as store:
        assert store.record(answer("k1")) == store.record(answer("k1"))
        assert outcomes(store.by_reviewer()) == [("a:1", "b:1", "same", "ann")]
    assert sqlite3.connect(path).execute("select count(*) from judgement_event").fetchone() == (1,)


def test_one_showing_takes_one_answer(path: Path) -> None:
    with JudgementStore(path) as store:
        store.record(answer("k1", "same"))
        with pytest.raises(AnswerConflictError, match="already stored as 'same'"):
            store.record(answer("k1", "different"))


def test_answering_again_supersedes_the_earlier_answer(path: Path) -> None:
    with JudgementStore(path) as store:
        first = store.record(answer("k1", "same"))
        store.record(answer("k2", "different"))
        assert outcomes(store.standing()) == [("a:1", "b:1", "different", "ann")]
    rows = sqlite3.connect(path).execute("select supersedes from judgement_event order by event_id").fetchall()
    assert rows == [(None,), (first.event_id,)]


def test_undo_walks_back_over_a_reviewers_own_answers_and_keeps_every_event(path: Path) -> None:
    with JudgementStore(path) as store:
        store.record(answer("k1", pair=("a:1", "b:1")))
        store.record(answer("k2", pair=("a:2", "b:2")))
        store.record(answer("k3", pair=("a:3", "b:3"), reviewer="bo"))
        undone = [store.withdraw("ann", key) for key in ("z1", "z2", "z3")]
        assert [event and event.left_record_id for event in undone] == ["a:2", "a:1", None]
        assert outcomes(store.standing()) == [("a:3", "b:3", "same", "bo")]
        store.record(answer("k4", "different", pair=("a:1", "b:1")))
        assert store.judged_by("ann") == {("a:1", "b:1"): "different"}
    assert sqlite3.connect(path).execute("select count(*) from judgement_event").fetchone() == (6,)


def test_an_undo_sent_twice_undoes_once(path: Path) -> None:
    with JudgementStore(path) as store:
        store.record(answer("k1", pair=("a:1", "b:1")))
        store.record(answer("k2", pair=("a:2", "b:2")))
        assert store.withdraw("ann", "z1") == store.withdraw("ann", "z1")
        assert store.judged_by("ann") == {("a:1", "b:1"): "same"}


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"ann": "same", "bo": "different"}, "unsure"),
        ({"ann": "same", "bo": "unsure"}, "same"),
        ({"ann": "different", "bo": "different"}, "different"),
        ({"ann": "unsure", "bo": "unsure"}, "unsure"),
        ({"ann": "same", "bo": "different", "cy": "same"}, "unsure"),
    ],
)
def test_where_reviewers_contradict_one_another_the_pair_is_unsure_and_both_answers_are_kept(
    path: Path, answers: dict[str, str], outcome: str
) -> None:
    with JudgementStore(path) as store:
        for reviewer, judgement in answers.items():
            store.record(answer(f"k-{reviewer}", judgement, reviewer=reviewer))
        assert outcomes(store.standing()) == [("a:1", "b:1", outcome, ", ".join(sorted(answers)))]
        assert [(row[3], row[2]) for row in outcomes(store.by_reviewer())] == list(answers.items())


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bo"]),
        st.sampled_from(["a:1", "a:2", "a:3"]),
        st.sampled_from(["same", "different", "unsure", "withdraw"]),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(actions=ACTIONS)
def test_standing_judgements_are_what_replaying_the_events_gives(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str, str]]
) -> None:
    expected: dict[tuple[str, str], str] = {}  # in the order of the answers
    with JudgementStore(tmp_path_factory.mktemp("store") / "judgements.sqlite") as store:
        for number, (reviewer, left, action) in enumerate(actions):
            if action == "withdraw":
                store.withdraw(reviewer, f"{number}")
                own = [key for key in expected if key[0] == reviewer]
                if own:
                    del expected[own[-1]]
            else:
                store.record(answer(f"{number}", action, reviewer=reviewer, pair=(left, "b:1")))
                expected.pop((reviewer, left), None)
                expected[reviewer, left] = action
        found = {(row[3], row[0]): row[2] for row in outcomes(store.by_reviewer())}
    assert found == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"judgement": "maybe"}, "judgement"),
        ({"pair": ("b:1", "a:1")}, "left_record_id < right_record_id"),
        ({"pair": ("a:1", "a:1")}, "left_record_id < right_record_id"),
        ({"reviewer": " "}, "reviewer"),
    ],
)
def test_a_malformed_answer_is_refused_with_the_field_named(path: Path, changes: dict[str, str], said: str) -> None:
    with JudgementStore(path) as store:
        with pytest.raises(ValueError, match=said):
            store.record(answer("k1", **changes))
        assert store.standing().num_rows == 0


def test_hostile_text_is_stored_as_it_is(path: Path) -> None:
    name = "'); drop table judgement_event; -- <script>\u202e\x00"
    with JudgementStore(path) as store:
        store.record(answer("k1", reviewer=name, note=name, left_shown={"name": name}, pair=(name, name + "x")))
        assert outcomes(store.standing()) == [(name, name + "x", "same", name)]


@pytest.mark.parametrize("content", [b"<html>not here</html>" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_store_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(JudgementError, match="expected a judgement store"):
        read_standing(path)
    with pytest.raises(JudgementError, match="expected a judgement store"):
        JudgementStore(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as con:
        con.execute("create table theirs (x)")
    for opened in (read_standing, JudgementStore):
        with pytest.raises(JudgementError, match="another SQLite database"):
            opened(path)
    assert sqlite3.connect(path).execute("select name from sqlite_master").fetchall() == [("theirs",)]


def test_a_snapshot_is_read_while_a_writer_is_in_the_middle_of_writing(path: Path) -> None:
    with JudgementStore(path) as store:
        store.record(answer("k1"))
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("begin immediate")
        assert outcomes(read_standing(path)) == [("a:1", "b:1", "same", "ann")]
        writer.execute("rollback")
        writer.close()


def test_many_threads_lose_nothing(path: Path) -> None:
    with JudgementStore(path) as store:

        def work(reviewer: str) -> None:
            for number in range(20):
                store.record(answer(f"{reviewer}-{number}", reviewer=reviewer, pair=(f"a:{number}", "b:1")))

        threads = [threading.Thread(target=work, args=(f"r{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.by_reviewer().num_rows == 80


WRITER = """
import sys
from pathlib import Path
from review.judgements import Answer, JudgementStore
store = JudgementStore(Path(sys.argv[1]))
for number in range(100_000):
    store.record(Answer(f"k{number}", f"a:{number}", "b:1", "same", "ann", "run", "hash", {}, {}, 0.5))
    print(number, flush=True)
"""


def test_a_writer_killed_in_full_flight_loses_nothing_it_acknowledged(path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout.read().split("\n") if line]
    assert writer.wait() == -signal.SIGKILL
    kept = {int(left.removeprefix("a:")) for left in read_standing(path)["left_record_id"].to_pylist()}
    assert set(acknowledged) <= kept
    assert sqlite3.connect(path).execute("pragma integrity_check").fetchone() == ("ok",)
    with JudgementStore(path) as store:
        store.record(answer("after"))
