"""Loading a source: counts that add up, fallbacks that say so, failures that leave nothing behind."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.loading import SourceFailure

World = Any
TOML = """
[tables.entry]
format = "csv"
rows = { minimum = 2, maximum = 3 }
ignore = ["note_*"]

[[records]]
key = ["id"]
name = "name"
"""
GOOD = b"id,name,note_1,extra\n1,A,x,y\n2,B,x,y\n"


def test_rows_read_are_kept_or_quarantined_and_unused_fields_are_named(world: World) -> None:
    report = world.make(TOML, {"entry.csv": GOOD + b"3,C\n,D,x,y\n2,E,x,y\n"})
    (counts,) = world.rows(
        "select row_count_read, row_count_kept, row_count_quarantined, unused_fields, is_stale from meta.source_file"
    )
    assert counts == (5, 2, 3, ["extra"], False)
    assert len(world.reasons()) == 3
    assert report.staged == {"company_record": 2}
    assert report.warnings == ["expected at most 3 rows of entry; found 5"]


def test_a_landed_file_is_recorded_with_address_hash_and_licence(world: World) -> None:
    world.make(TOML, {"entry.csv": GOOD})
    ((address, path, sha256, size, licence),) = world.rows(
        "select address, path, sha256, byte_count, licence from meta.source_file"
    )
    assert address.endswith("delivered-0/entry.csv")
    assert path.startswith("landing/tiny_source/2026-01-02/entry.")
    assert (world.folder / path).read_bytes() == GOOD
    assert (len(sha256), size, licence) == (64, len(GOOD), "none")


@pytest.mark.parametrize(
    ("newest", "said"),
    [
        (b"id,name\n1,A\n", "expected at least 2 rows"),
        (b"id,title\n1,A\n2,B\n3,C\n", "expected the fields 'name'"),
        ("id,name\n1,A\n2,B\n".encode("utf-16"), "byte order mark"),
        (b"\x1f\x8bgarbage", "damaged or cut short"),
        (b"id,name\n" + b"1\n" * 500, "bad rows"),
    ],
)
def test_a_file_that_cannot_be_used_gives_way_to_the_one_before_it(world: World, newest: bytes, said: str) -> None:
    source = world.define(TOML)
    world.pull(source, {"entry.csv": GOOD})
    pulled = world.pull(source, {"entry.csv": newest})
    report = world.load(source, pulled)
    assert report.tables[0].row_count_kept == 2
    ((stale, reason, path),) = world.rows("select is_stale, stale_reason, path from meta.source_file")
    assert stale
    assert said in reason
    assert "2026-01-02" in path
    assert any(said in warning for warning in report.warnings)
    assert world.reasons() == []


def test_a_failed_pull_uses_what_was_landed_before_and_says_so(world: World) -> None:
    source = world.define(TOML)
    world.pull(source, {"entry.csv": GOOD})
    pulled = world.pull(source, {"entry.csv": b"<html>sign in</html>"})
    assert pulled.is_loadable
    report = world.load(source, pulled)
    assert report.tables[0].stale_reason is not None
    assert "HTML page" in report.tables[0].stale_reason


def test_a_source_that_cannot_be_loaded_leaves_nothing_behind(world: World) -> None:
    world.make(TOML, {"entry.csv": GOOD}, "other_source")
    with pytest.raises(SourceFailure, match=r"tiny_source could not be loaded: .*expected at least 2 rows"):
        world.make(TOML, {"entry.csv": b"id,name,note_1,extra\n1,A,x,y\n,B,x,y\n"})
    assert world.rows("select distinct source from meta.source_file") == [("other_source",)]
    assert world.rows("select distinct source from staging.company_record") == [("other_source",)]
    assert world.rows("select table_name from duckdb_tables() where schema_name = 'raw'") == [("other_source__entry",)]
    assert world.reasons() == []


def test_a_source_of_two_tables_fails_as_a_whole(world: World) -> None:
    toml = TOML.replace("[[records]]\n", '[tables.alias]\nformat = "csv"\n[[records]]\nfrom = "entry"\n')
    toml += '[[records.names]]\nfrom = "alias"\nname = "alias"\n'
    with pytest.raises(SourceFailure, match="alias"):
        world.make(toml, {"entry.csv": GOOD, "alias.csv": b"PAR1"})
    assert world.rows("select count(*) from meta.source_file") == [(0,)]


def test_rows_a_mapping_cannot_be_applied_to_fail_the_source_with_its_reason(world: World) -> None:
    toml = TOML + '[[records.names]]\neach = { field = "extra", nested = true }\nname = "each"\n'
    with pytest.raises(SourceFailure, match=r"the mapping cannot be applied to its rows: .*JSON"):
        world.make(toml, {"entry.csv": b"id,name,note_1,extra\n1,A,x,[1\n2,B,x,[2]\n"})
    assert world.rows("select count(*) from staging.company_record") == [(0,)]


def test_a_source_that_was_never_landed_cannot_be_loaded(world: World) -> None:
    source = world.define(TOML)
    pulled = world.pull(source, {})
    assert pulled.missing == ("entry",)
    assert not pulled.is_loadable
    with pytest.raises(SourceFailure, match="expected a file like entry"):
        world.load(source, pulled)


def test_a_field_that_may_be_absent_is_empty_where_it_is(world: World) -> None:
    toml = TOML.replace('ignore = ["note_*"]', 'ignore = ["note_*"]\noptional_fields = ["city*"]')
    toml += '\n[[records.addresses]]\naddress = "city_name"\n'
    world.make(toml, {"entry.csv": GOOD})
    assert world.rows("select count(*) from staging.record_address") == [(0,)]


def test_several_files_of_a_table_are_one_delivery(world: World) -> None:
    toml = TOML.replace("rows = { minimum = 2, maximum = 3 }", 'file_pattern = "part_*.csv"\nrows = { minimum = 4 }')
    world.make(toml, {"part_0.csv": GOOD, "part_1.csv": b"name,id,note_1,extra\nC,3,,\nD,4,,\n"})
    assert world.rows("select file_id, row_count_kept from meta.source_file order by 1") == [(1, 2), (2, 2)]
    assert world.rows("select name, file_id, line from staging.company_record order by 1") == [
        ("A", 1, 2),
        ("B", 1, 3),
        ("C", 2, 2),
        ("D", 2, 3),
    ]


def test_loading_the_same_files_twice_gives_the_same_rows(world: World) -> None:
    world.make(TOML, {"entry.csv": GOOD}, "first")
    world.make(TOML, {"entry.csv": GOOD}, "second")
    rows = "select source_key, name, line from staging.company_record where source = '{}' order by 1"
    assert world.rows(rows.format("first")) == world.rows(rows.format("second"))


def test_the_declaration_of_a_source_is_recorded(world: World) -> None:
    source = world.define("is_synthetic = true\nis_register = true\n" + TOML)
    world.load(source, world.pull(source, {"entry.csv": GOOD}))
    assert world.rows("select is_register, is_synthetic, is_required, definition from meta.source") == [
        (True, True, False, source.definition_sha256)
    ]


WHOLE = b"id,name,note\n" + b"".join(b'%d,"Name %d, ""Ltd""",x\n' % (n, n) for n in range(1, 15))
damages = st.lists(
    st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 6), st.binary(max_size=4)), min_size=1, max_size=4
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages)
def test_however_a_file_is_damaged_its_rows_add_up_or_nothing_is_left(
    world: World, damaged: list[tuple[int, int, bytes]]
) -> None:
    content = WHOLE
    for place, length, inserted in damaged:
        content = content[:place] + inserted + content[place + length :]
    world.empty()
    source = world.define(TOML.replace("maximum = 3", "maximum = 99"), f"damaged_{world.days}")
    try:
        report = world.load(source, world.pull(source, {"entry.csv": content}))
    except SourceFailure:
        assert world.rows("select count(*) from meta.source_file") == [(0,)]
        assert world.rows("select count(*) from meta.rejected_row") == [(0,)]
        assert world.rows("select count(*) from staging.company_record") == [(0,)]
        return
    ((kept,),) = world.rows(f"select count(*) from raw.{source.name}__entry")
    ((rejected,),) = world.rows("select count(*) from meta.rejected_row")
    assert report.row_count_read == kept + rejected
    assert report.row_count_quarantined == rejected
    assert world.rows("select count(*) from staging.company_record") == [(kept,)]
