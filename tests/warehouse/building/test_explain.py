"""From a lead down to the line of the landed file."""

import json

import pytest

from warehouse.connection import open_release
from warehouse.explain import as_lines, explain
from warehouse.publishing.release import begin_release, publish

HOSTILE = "<img src=x>'); drop table mart.lead; --"


@pytest.fixture(scope="module")
def released(make_world, tmp_path_factory):
    """A data directory with a published release of the Victory Wave world; raw rows of the register kept."""
    data_dir = tmp_path_factory.mktemp("data")
    begin_release(data_dir, "run-1")
    world = make_world()
    world.record("hk:1106906", "VICTORY WAVE HOLDINGS LIMITED", jurisdiction="HK", incorporation_date="2007-02-01")
    world.record("hk:1447829", "VICTORY WAVE LIMITED", jurisdiction="HK", incorporation_date="2010-04-23")
    world.name("hk:1447829", "榮滔有限公司", "primary")
    world.name("hk:1447829", HOSTILE)
    world.record("bis:vw", "Victory Wave Holdings Limited")
    world.listed("bis:vw", "2010-01-13", authority="75 FR 1699")
    world.same("bis:vw", "hk:1106906")
    world.alike("hk:1447829", "bis:vw")
    world.record("customs:1", "Seller")
    world.shipment("customs:9", "2021-01-01", supplier="customs:1", receiver="customs:1", goods=(("8542", "chips"),))
    line = world.con.execute("select line from staging.company_record where record_id = 'hk:1447829'").fetchone()[0]
    world.con.execute("create schema raw")
    world.con.execute(
        "create table raw.hk__main as select 1 as file_id, $line as line, '1447829' as reg_no, $name as name_en",
        {"line": line, "name": HOSTILE},
    )
    world.build()
    publish(world.con, world.path, data_dir, "run-1")
    (data_dir / "landing" / "hk").mkdir(parents=True)
    (data_dir / "landing" / "hk" / "file.csv").write_text("x")
    return data_dir


@pytest.fixture
def release(released):
    with open_release(released) as con:
        yield con


def test_a_lead_is_explained_down_to_file_line_fingerprint_and_published_row(release):
    (lead_id,) = release.execute("select lead_id from mart.lead").fetchone()
    found = explain(release, lead_id)
    assert found["lead"]["name"] == "VICTORY WAVE LIMITED"
    first = found["evidence"][0]["source_row"]
    assert (first["path"], first["sha256"], first["is_file_there"]) == ("landing/hk/file.csv", "sha-hk", True)
    assert first["row"] == {"reg_no": "1447829", "name_en": HOSTILE}
    listing = found["evidence"][1]["source_row"]
    assert (listing["source"], listing["is_file_there"], listing["row"]) == ("bis", False, None)
    assert found["listed_party"]["listings"][0]["authority"] == "75 FR 1699"
    assert json.loads(json.dumps(found, default=str)) is not None


def test_an_entity_shows_its_records_ties_and_every_indicator(release):
    found = explain(release, "bp-hk:1447829")
    assert [record["id"] for record in found["records"]] == ["hk:1447829"]
    assert [tie["tie_kind"] for tie in found["ties"]] == ["look_alike"]
    assert len(found["indicators"]) == 9
    assert found["lead_id"].startswith("lead-")


def test_a_record_shows_all_its_names_and_what_it_was_compared_with(release):
    found = explain(release, "hk:1447829")
    assert {row["name"] for row in found["names"]} == {"VICTORY WAVE LIMITED", "榮滔有限公司", HOSTILE}
    assert [(pair["record_id"], pair["why"]) for pair in found["pairs"]] == [("bis:vw", "the names share rare words")]
    assert len(found["source_rows"]) == 3


def test_a_shipment_shows_its_parties_and_goods(release):
    found = explain(release, "customs:9")
    assert {row["role"] for row in found["parties"]} == {"shipper", "consignee"}
    assert found["goods"][0]["description"] == "chips"


@pytest.mark.parametrize("identifier", ["lead", "bp-hk:1447829", "bp-bis:vw", "hk:1447829", "bis:vw", "customs:9"])
def test_every_explanation_reads_as_text(release, identifier):
    if identifier == "lead":
        (identifier,) = release.execute("select lead_id from mart.lead").fetchone()
    lines = as_lines(explain(release, identifier))
    assert any("sha256 sha-" in line for line in lines)
    assert all("\n" not in line for line in lines)


def test_the_text_of_a_lead_says_that_it_is_no_finding_and_what_else_it_may_mean(release):
    (lead_id,) = release.execute("select lead_id from mart.lead").fetchone()
    text = "\n".join(as_lines(explain(release, lead_id)))
    assert "Not a finding of wrongdoing" in text
    assert "what else it may mean" in text
    assert "landing/bis/file.csv, line" in text


@pytest.mark.parametrize("identifier", ["", "nobody", HOSTILE, "x" * 100_000, "lead-0\0"])
def test_an_unknown_id_says_where_to_look(release, identifier):
    with pytest.raises(LookupError, match="match_company"):
        explain(release, identifier)


def test_macros_answer_in_an_attached_release(release):
    assert release.execute("select record_id from match_company('victory limited')").fetchall() == [
        ("hk:1447829",), ("bis:vw",), ("hk:1106906",)
    ]  # fmt: skip
    assert release.execute("select record_id from match_company('榮滔')").fetchall() == [("hk:1447829",)]
    assert release.execute("select * from match_company('')").fetchall() == []
    assert release.execute("select * from match_company($1)", [HOSTILE]).fetchall() != []
    assert len(release.execute("from cluster_of('bis:vw')").fetchall()) == 2
    assert release.execute("select why from why('hk:1447829', 'bis:vw')").fetchall() == [
        ("the names share rare words",)
    ]
    assert release.execute("select tie_kind from neighbours('bp-hk:1447829')").fetchall() == [("look_alike",)]
    assert len(release.execute("from indicators_of('bp-hk:1447829')").fetchall()) == 9
    (lead_id,) = release.execute("select lead_id from mart.lead").fetchone()
    assert len(release.execute("from evidence_of($1)", [lead_id]).fetchall()) == 2


def test_every_macro_is_commented(release):
    macros = release.execute(
        "select function_name, comment from duckdb_functions() "
        " where schema_name = 'mart' and function_type = 'table_macro'"
    ).fetchall()
    assert len(macros) == 6
    assert all(comment for _, comment in macros)
