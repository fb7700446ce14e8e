"""What reviewers say binds the clusters of the next refresh, and is counted by the next training."""

from contextlib import closing
from pathlib import Path

from flows.refreshing import refresh_warehouse
from flows.settings import Settings, load_settings
from flows.training import train_model
from review.judgements import Answer, JudgementStore
from warehouse.connection import open_release


def judge(settings: Settings, left: str, right: str, judgement: str) -> None:
    with JudgementStore(settings.data_directory / "judgements.sqlite") as store:
        store.record(
            Answer(
                idempotency_key=f"{left}/{right}",
                left_record_id=left,
                right_record_id=right,
                judgement=judgement,
                reviewer="test",
                run_id="test",
                evidence_hash="0" * 64,
                left_shown={"name": f"shown {left}"},
                right_shown={"name": f"shown {right}"},
                match_probability=0.5,
            )
        )


def entity_of(settings: Settings, *records: str) -> list[str]:
    with closing(open_release(settings.data_directory)) as release:
        return [
            release.execute(
                "select canonical_id from resolved.cluster_member where record_id = ?", [record]
            ).fetchall()[0][0]
            for record in records
        ]


def test_different_parts_a_cluster_and_same_joins_two(tiny_settings: Path) -> None:
    settings = load_settings(tiny_settings)
    refresh_warehouse(settings)
    with closing(open_release(settings.data_directory)) as release:
        together = release.execute(
            "select left_record_id, right_record_id from resolved.scored_pair pair"
            " where match_probability > 0.9 order by all limit 1"
        ).fetchall()[0]
        apart = release.execute(
            "select left_record_id, right_record_id from resolved.scored_pair where match_probability < 0.1"
            " and left_record_id not in (?, ?) and right_record_id not in (?, ?) order by all limit 1",
            [*together, *together],
        ).fetchall()[0]
    first, second = entity_of(settings, *together)
    assert first == second
    first, second = entity_of(settings, *apart)
    assert first != second

    judge(settings, *together, "different")
    judge(settings, *apart, "same")
    run = refresh_warehouse(settings)
    assert run.judgement_count == 2
    first, second = entity_of(settings, *together)
    assert first != second
    first, second = entity_of(settings, *apart)
    assert first == second
    with closing(open_release(settings.data_directory)) as release:
        events = {event for (event,) in release.execute("select event from resolved.cluster_event").fetchall()}
        kept = release.execute("select judgement_count from meta.run").fetchall()
    assert {"merged", "split"} <= events
    assert kept == [(2,)]


def test_answers_of_the_page_are_counted_by_the_next_training(tiny_settings: Path) -> None:
    settings = load_settings(tiny_settings)
    settings.data_directory.mkdir()
    for number in range(7):
        judge(settings, f"a:{number}", f"b:{number}", "same" if number % 2 else "different")
    judge(settings, "a:x", "b:x", "unsure")
    outcome = train_model(settings)
    assert outcome.report["judgements"] == 8
    assert (outcome.report["same"], outcome.report["different"]) == (3, 4)
    assert outcome.path.exists()


def test_the_warehouse_can_be_deleted_and_comes_back_with_every_judgement(tiny_settings: Path) -> None:
    settings = load_settings(tiny_settings)
    refresh_warehouse(settings)
    with closing(open_release(settings.data_directory)) as release:
        pair = release.execute(
            "select left_record_id, right_record_id from resolved.scored_pair order by match_probability desc limit 1"
        ).fetchall()[0]
    judge(settings, *pair, "different")
    for path in [*settings.data_directory.glob("releases/*"), settings.data_directory / "current.duckdb"]:
        path.unlink()
    run = refresh_warehouse(settings)
    assert run.judgement_count == 1
    first, second = entity_of(settings, *pair)
    assert first != second
