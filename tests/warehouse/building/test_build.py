"""Building: order, contracts, bound values, and what happens when a model is wrong."""

import random

import pytest

from warehouse.building.build import build_models, config_version
from warehouse.building.contract import ContractError, read_contract
from warehouse.building.model import LAYERS, MODELS, ModelError, in_build_order, read_models
from warehouse.building.reference import load_reference

CONTRACT = 'grain = "one row per thing"\nkey = ["id"]\n\n[columns]\nid = { type = "INTEGER", meaning = "a number" }\n'


@pytest.fixture
def models(tmp_path):
    """Write models into a folder: name -> select, optionally another contract."""

    def write(selects, contracts=None):
        for table, select in selects.items():
            layer, name = table.split(".")
            (tmp_path / layer).mkdir(exist_ok=True)
            (tmp_path / layer / f"{name}.sql").write_text(select)
            (tmp_path / layer / f"{name}.toml").write_text((contracts or {}).get(table, CONTRACT))
        return tmp_path

    return write


def test_models_are_built_in_the_order_their_selects_demand(build, models):
    folder = models(
        {
            "core.a": "select id from core.c where id in (select id from core.b)",
            "core.b": "with c as (select 1 as id) select id from c",
            "core.c": "select id from core.b union all select 2",
        }
    )
    stages = build_models(build, ("core",), {}, folder=folder)
    assert [s.stage for s in stages if s.stage.startswith("core.")] == ["core.b", "core.c", "core.a"]
    assert build.execute("select id from core.a").fetchall() == [(1,)]


def test_the_order_of_building_does_not_depend_on_the_order_of_the_files():
    models = [model for layer in LAYERS for model in read_models(layer)]
    outside = {read for model in models for read in model.reads} - {model.table for model in models}
    expected = [model.table for model in in_build_order(models, outside)]
    for seed in range(5):
        shuffled = random.Random(seed).sample(models, len(models))
        assert [model.table for model in in_build_order(shuffled, outside)] == expected


def test_a_cycle_is_told_with_its_tables(build, models):
    folder = models({"core.a": "select id from core.b", "core.b": "select id from core.a"})
    with pytest.raises(ModelError, match=r"cycle: core\.[ab] -> core\.[ab] -> core\.[ab]"):
        build_models(build, ("core",), {}, folder=folder)


def test_all_unknown_tables_are_told_at_once(build, models):
    folder = models({"core.a": "select id from core.nowhere, staging.nothing"})
    with pytest.raises(ModelError, match=r"core\.nowhere.*staging\.nothing"):
        build_models(build, ("core",), {}, folder=folder)


def test_a_layer_never_reads_a_later_one(build, models):
    folder = models({"core.a": "select id from mart.b", "mart.b": "select 1 as id"})
    with pytest.raises(ModelError, match=r"core\.a reads mart\.b of a later layer"):
        build_models(build, ("core", "mart"), {}, folder=folder)


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("selec 1", "syntax error"),
        ("create table x as select 1 as id", "one select"),
        ("select 1 as id; select 2 as id", "found 2"),
        ("select id from company_record", "without a schema"),
    ],
)
def test_a_file_that_is_not_one_qualified_select_is_refused(build, models, select, said):
    with pytest.raises(ModelError, match=said):
        build_models(build, ("core",), {}, folder=models({"core.a": select}))


def test_values_are_bound_by_name_and_a_missing_one_is_told(build, models):
    folder = models({"core.a": "select $number::integer as id"})
    build_models(build, ("core",), {"number": 7, "not_needed": "x"}, folder=folder)
    assert build.execute("select id from core.a").fetchall() == [(7,)]
    with pytest.raises(ModelError, match=r"core\.a wants \$number"):
        build_models(build, ("core",), {}, folder=folder)


def test_a_bound_value_is_never_read_as_sql(build, models):
    folder = models({"core.a": "select length($text::varchar)::integer as id"})
    build_models(build, ("core",), {"text": "'; drop schema staging; --"}, folder=folder)
    assert build.execute("select id from core.a").fetchall() == [(26,)]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("select 1 as other", "'id' is promised but missing.*'other' is not in the contract"),
        ("select 'x' as id", "'id' should be INTEGER, is VARCHAR"),
        ("select unnest([1, 2, 2]) as id", r"\(id\) = \(2,\) occurs 2 times"),
        ("select null::integer as id", "key .* is empty"),
    ],
)
def test_a_table_that_breaks_its_contract_stops_the_build(build, models, select, said):
    with pytest.raises(ContractError, match=said):
        build_models(build, ("core",), {}, folder=models({"core.a": select}))


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        ("grain = 'x'\n", "missing key 'key'.*missing key 'columns'"),
        (CONTRACT.replace("key = ", "keys = "), "unknown key 'keys'.*missing key 'key'"),
        (CONTRACT.replace('"id"', '"idd"'), "'idd' is not among the columns"),
        (CONTRACT.replace('meaning = "a number"', 'meaning = " "'), "needs exactly a type and a meaning"),
        ("materialization = 'cube'\n" + CONTRACT, "neither 'table' nor 'view'"),
        ("grain = [", "expected the contract"),
    ],
)
def test_a_faulty_contract_is_told_with_all_its_faults(tmp_path, contract, said):
    (tmp_path / "a.toml").write_text(contract)
    with pytest.raises(ContractError, match=said):
        read_contract(tmp_path / "a.toml", "core.a")


def test_a_model_without_a_contract_is_refused(build, models):
    folder = models({"core.a": "select 1 as id"})
    (folder / "core" / "a.toml").unlink()
    with pytest.raises(ContractError, match=r"expected the contract of core\.a"):
        build_models(build, ("core",), {}, folder=folder)


def test_grain_and_meanings_become_comments_on_tables_and_views(build, models):
    view = 'materialization = "view"\n' + CONTRACT
    folder = models({"core.a": "select 1 as id", "core.b": "select id from core.a"}, {"core.b": view})
    build_models(build, ("core",), {}, folder=folder)
    comments = build.execute(
        "select table_name, comment from duckdb_columns() where schema_name = 'core' order by 1"
    ).fetchall()
    assert comments == [("a", "a number"), ("b", "a number")]
    assert build.execute("select comment from duckdb_views() where view_name = 'b'").fetchone() == (
        "one row per thing",
    )
    assert build.execute("select count(*) from meta.data_dictionary where schema_name = 'core'").fetchone() == (2,)


def test_each_stage_is_recorded_and_told(build, models):
    heard = []
    build_models(build, ("core",), {}, heard.append, folder=models({"core.a": "select unnest([1, 2]) as id"}))
    stage = heard[-1]
    assert (stage.stage, stage.row_count) == ("core.a", 2)
    assert stage.peak_memory_mb > 10
    assert build.execute("select row_count from meta.stage where stage = 'core.a'").fetchone() == (2,)


def test_models_that_rest_on_resolution_wait_for_it(world):
    world.record("bis:1", "Alpha")
    stages = {s.stage for s in build_models(world.con, ("core", "resolved"), {"as_of": "2026-11-24"})}
    assert "resolved.resolution_input" in stages
    assert "resolved.entity" not in stages
    with pytest.raises(ModelError, match=r"resolved\.cluster_member.* to be written before"):
        build_models(world.con, ("mart",), {"as_of": "2026-11-24"})
    world.write_resolution()
    stages = {s.stage for s in build_models(world.con, ("indicator", "mart"), {"as_of": "2026-11-24"})}
    assert {"resolved.entity", "indicator.at_listed_address", "mart.lead"} <= stages
    assert "resolved.resolution_input" not in stages


def test_every_bundled_table_has_a_contract_with_a_grain_and_every_column_a_meaning():
    for path in MODELS.glob("*/*.toml"):
        contract = read_contract(path, f"{path.parent.name}.{path.stem}")
        assert contract.grain.startswith("one row per ")
        assert all(len(meaning) > 3 for _, meaning in contract.columns.values())


def test_reference_files_keep_their_contracts_and_name_their_day(build):
    load_reference(build)
    tables = build.execute("select table_name from duckdb_tables() where schema_name = 'reference'").fetchall()
    assert {name for (name,) in tables} >= {"threshold", "indicator", "goods_code", "goods_keyword", "control_date"}
    assert build.execute("select count(*) from reference.goods_code where hs_edition = '2022' and goods_family = 'chpl'"
                         ).fetchone() == (50,)  # fmt: skip
    assert build.execute("select tier from reference.goods_code where hs6_code = '847330'").fetchall() == [(None,)]


def test_a_reference_file_with_a_wrong_value_is_refused_with_its_path(build, tmp_path):
    (tmp_path / "limit.csv").write_text("# as of today\nid\nseven\n")
    (tmp_path / "limit.toml").write_text(CONTRACT)
    with pytest.raises(ContractError, match=r"limit\.csv"):
        load_reference(build, folder=tmp_path)


def test_the_configuration_version_changes_with_a_threshold(tmp_path):
    (tmp_path / "threshold.csv").write_text("name,value\nx,1\n")
    one = config_version(MODELS, tmp_path)
    (tmp_path / "threshold.csv").write_text("name,value\nx,2\n")
    assert one != config_version(MODELS, tmp_path)
    assert len(one) == 12
