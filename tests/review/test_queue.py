"""Which pair comes next."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from review.judgements import Answer, JudgementStore
from review.pairs import PairIds
from review.queue import Implied, NoReleaseError, PairQueue, UnreadableReleaseError

VICTORY: PairIds = ("bis_entity_list:vw-1", "hk_register:1447829")
SYNTHETIC: PairIds = ("synthetic_manifest:1", "synthetic_manifest:2")
CAMOMILE: PairIds = ("a_list:1", "b_list:1")
TWIN: PairIds = ("bis_entity_list:vw-1", "hk_register:1106906")


@pytest.fixture
def queue(data_dir: Path, store: JudgementStore) -> Iterator[PairQueue]:
    opened = PairQueue(data_dir, store)
    yield opened
    opened.close()


def judge(store: JudgementStore, ids: PairIds, judgement: str, reviewer: str = "ann") -> None:
    key = f"{reviewer} {ids}"
    store.record(Answer(key, *ids, judgement, reviewer, "run", "hash", {}, {}, 0.5))


def order(queue: PairQueue, store: JudgementStore, reviewer: str = "ann") -> list[PairIds]:
    """The pairs as a reviewer who is unsure about all of them meets them."""
    met: list[PairIds] = []
    while (pair := queue.next(reviewer).pair) is not None:
        met.append(pair.ids)
        judge(store, pair.ids, "unsure", reviewer)
    return met


def test_the_most_uncertain_pair_comes_first_and_certain_ones_never(queue: PairQueue, store: JudgementStore) -> None:
    assert order(queue, store) == [VICTORY, SYNTHETIC, CAMOMILE, TWIN]


def test_each_reviewer_has_a_queue_of_their_own(queue: PairQueue, store: JudgementStore) -> None:
    judge(store, VICTORY, "same", "bo")
    turn = queue.next("ann")
    assert turn.pair is not None
    assert (turn.pair.ids, turn.judged_count, turn.left_count) == (VICTORY, 0, 4)
    assert queue.next("bo").judged_count == 1


def test_a_withdrawn_pair_comes_back(queue: PairQueue, store: JudgementStore) -> None:
    judge(store, VICTORY, "same")
    store.withdraw("ann", "z")
    turn = queue.next("ann")
    assert turn.pair is not None
    assert turn.pair.ids == VICTORY


def test_skipped_pairs_are_counted_but_not_shown(queue: PairQueue) -> None:
    turn = queue.next("ann", {VICTORY, SYNTHETIC})
    assert turn.pair is not None
    assert (turn.pair.ids, turn.left_count, turn.skipped_count) == (CAMOMILE, 4, 2)


def test_what_earlier_answers_decide_is_not_asked() -> None:
    implied = Implied({("a", "b"): "same", ("b", "c"): "same", ("c", "d"): "different", ("x", "y"): "unsure"})
    assert implied.decides(("a", "c"))
    assert implied.decides(("a", "d"))
    assert not implied.decides(("x", "y"))
    assert not implied.decides(("d", "e"))


def test_without_a_release_the_queue_says_so(tmp_path: Path) -> None:
    with JudgementStore(tmp_path / "judgements.sqlite") as store, pytest.raises(NoReleaseError, match="refresh"):
        PairQueue(tmp_path, store).next("ann")


def test_a_release_published_while_serving_is_followed(queue: PairQueue, data_dir: Path, make_release: object) -> None:
    assert queue.next("ann").run_id == "run-1"
    make_release(data_dir, "run-2", pairs=[(*CAMOMILE, 0.5, "new estimate")])  # type: ignore[operator]
    turn = queue.next("ann")
    assert turn.pair is not None
    assert (turn.run_id, turn.left_count, turn.pair.why) == ("run-2", 1, "new estimate")
    assert queue.find(VICTORY) is None


def test_a_release_without_scored_pairs_is_refused_with_its_name(data_dir: Path, store: JudgementStore) -> None:
    release = (data_dir / "current.duckdb").resolve()
    with duckdb.connect(str(release)) as con:
        con.execute("drop table resolved.scored_pair")
    with pytest.raises(UnreadableReleaseError, match=r"warehouse-run-1\.duckdb.*scored_pair.*run refresh"):
        PairQueue(data_dir, store).next("ann")


def test_a_release_that_is_gone_is_refused(data_dir: Path, store: JudgementStore) -> None:
    (data_dir / "current.duckdb").resolve().unlink()
    with pytest.raises(UnreadableReleaseError, match="points to"):
        PairQueue(data_dir, store).next("ann")


def test_the_coming_pairs_are_read_while_one_is_looked_at(
    data_dir: Path, store: JudgementStore, make_release: object
) -> None:
    names = [f"a_list:{number:03d}" for number in range(100)]
    fields = {"source": "a_list", "other_names": [], "is_register": False, "is_synthetic": False}
    columns = ("country", "address", "city", "postcode", "registration_number", "lei", "phone", "email", "website",
               "incorporation_date", "dissolution_date", "known_since")  # fmt: skip
    records = [dict.fromkeys(columns) | fields | {"record_id": name, "name": name} for name in names]
    pairs = [(left, right, 0.5, "why") for left, right in pairwise(names)]
    make_release(data_dir, "run-3", pairs=pairs, records=records)  # type: ignore[operator]
    queue = PairQueue(data_dir, store)
    for _ in range(20):
        pair = queue.next("ann").pair
        assert pair is not None
        judge(store, pair.ids, "unsure")
    queue.next("ann")
    deadline = time.monotonic() + 10
    while len(queue._read) < 60 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(queue._read) >= 60
    assert None not in queue._read.values()
    queue.close()
