"""Checks return offending rows; a failed one stops publishing."""

import pytest

from warehouse.building.check import CHECKS, run_checks


def test_every_bundled_check_runs_and_passes_on_a_sound_world(victory_wave):
    victory_wave.build()
    results = run_checks(victory_wave.con)
    assert len(results) == len(list(CHECKS.glob("*.sql"))) > 15
    assert [r for r in results if r.severity == "fail" and not r.passed] == []


def test_a_check_tells_how_many_rows_offend_and_shows_one(build, tmp_path):
    (tmp_path / "fail_numbers_are_small.sql").write_text("select i, '<b>' as name from range(8) t(i) where i > 4;")
    (tmp_path / "warn_numbers_are_even.sql").write_text("select 1 as i where false")
    fail, warn = run_checks(build, folder=tmp_path)
    assert (fail.severity, fail.check_name, fail.offending_count) == ("fail", "numbers_are_small", 3)
    assert '"name": "<b>"' in fail.example
    assert warn.passed
    assert build.execute("select count(*) from meta.check_result where offending_count > 0").fetchone() == (1,)


def test_a_check_without_a_severity_is_refused(build, tmp_path):
    (tmp_path / "numbers_are_small.sql").write_text("select 1")
    with pytest.raises(ValueError, match="fail_… or warn_…"):
        run_checks(build, folder=tmp_path)


def test_a_check_that_cannot_run_is_an_error_and_not_a_success(build, tmp_path):
    (tmp_path / "fail_broken.sql").write_text("select * from mart.no_such_table")
    with pytest.raises(Exception, match="no_such_table"):
        run_checks(build, folder=tmp_path)


def test_records_judged_different_in_one_entity_fail_the_run(victory_wave):
    victory_wave.build()
    victory_wave.con.execute(
        "insert into resolved.judgement values ('bis:vw', 'hk:1106906', 'different', 'ann', now(), '{}', '{}')"
    )
    failed = [r.check_name for r in run_checks(victory_wave.con) if r.severity == "fail" and not r.passed]
    assert failed == ["no_pair_judged_different_shares_an_entity"]


def test_a_mart_column_without_a_comment_fails_the_run(victory_wave):
    victory_wave.build()
    victory_wave.con.execute("comment on column mart.lead.band is null")
    failed = [r.check_name for r in run_checks(victory_wave.con) if r.severity == "fail" and not r.passed]
    assert failed == ["every_mart_column_has_a_meaning"]


def test_a_tie_between_invented_and_real_data_fails_the_run(world):
    world.source("invented", is_synthetic=True)
    world.record("bis:1", "Alpha Tech")
    world.listed("bis:1", "2020-01-01")
    world.record("invented:1", "Alpha Tech")
    world.alike("bis:1", "invented:1")
    world.build()
    failed = [r.check_name for r in run_checks(world.con) if r.severity == "fail" and not r.passed]
    assert "no_tie_joins_invented_and_real_entities" in failed
