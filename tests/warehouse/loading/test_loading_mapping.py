"""What a definition makes of rows: values, dates, lists, joins, identities."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

World = Any
ENTRY = '[tables.entry]\nformat = "csv"\n'
RECORD = ENTRY + '[[records]]\nkey = ["id"]\nname = "name"\n'


def csv_of(*lines: str) -> dict[str, bytes]:
    return {"entry.csv": ("\n".join(lines) + "\n").encode()}


def test_values_are_trimmed_and_null_spellings_are_empty(world: World) -> None:
    toml = ENTRY + 'nulls = ["-0-", "n/a"]\n[[records]]\nkey = ["id"]\nname = "name"\nstatus = "status"\n'
    world.make(toml, csv_of("id,name,status", " 1 ,\u00a0A B\u3000,-0- ", "2,n/a,live"))
    assert world.rows("select record_id, source_key, name, status from staging.company_record order by 1") == [
        ("tiny_source:1", "1", "A B", None),
        ("tiny_source:2", "2", None, "live"),
    ]
    assert world.rows('select "id", "name" from raw.tiny_source__entry where line = 2') == [(" 1 ", "\u00a0A B\u3000")]


@pytest.mark.parametrize(
    ("declared", "cell", "expected"),
    [
        ('"x"', "a", "a"),
        ('{ constant = "c" }', "a", "c"),
        ('{ join = ["x", "missing", { constant = "z" }], separator = " / " }', "a", "a / z"),
        ('{ first_of = ["missing", "x"] }', "a", "a"),
        ('{ field = "x", clean = [["[0-9]+", "#"], ["^#", ""]] }', "12a34", "a#"),
        ('{ field = "x", extract = "b(.)" }', "abcd", "c"),
        ('{ field = "x", extract = "b." }', "abcd", "bc"),
        ('{ field = "x", extract = "[(]b" }', "a(b)", "(b"),
        ('{ field = "x", extract = "q" }', "abcd", None),
        ('{ field = "x", values = { A = "one" } }', "a", "one"),
        ('{ field = "x", values = { A = "one" } }', "b", "b"),
        ('{ field = "x", values = { A = "one" }, otherwise = "" }', "b", None),
        ('{ field = "x", values = { A = "one" }, otherwise = "other" }', "", "other"),
        ('{ field = "x", values = { "" = "none given" } }', "", "none given"),
    ],
)
def test_a_value_is_taken_cleaned_extracted_and_mapped_in_this_order(
    world: World, declared: str, cell: str, expected: str | None
) -> None:
    world.make(RECORD + f"status = {declared}\n", csv_of("id,name,x,missing", f"1,A,{cell},"))
    assert world.rows("select status from staging.company_record") == [(expected,)]


@pytest.mark.parametrize(
    ("declared", "cell", "expected", "precision"),
    [
        ('"d"', "2010-04-23", date(2010, 4, 23), "day"),
        ('{ field = "d", formats = ["%Y-%m-%d", "%Y"] }', "2010", date(2010, 1, 1), "year"),
        ('{ field = "d", formats = ["%b-%Y"] }', "MAR-2025", date(2025, 3, 1), "month"),
        ('{ field = "d", formats = ["%b %Y"] }', "Mar 2025", date(2025, 3, 1), "month"),
        ('{ field = "d", formats = ["%d-%b-%Y"] }', "03-MAR-2010", date(2010, 3, 3), "day"),
        ('{ field = "d", formats = ["%m/%d/%Y", "%m/%d/%y"] }', "5/26/17", date(2017, 5, 26), "day"),
        ('{ field = "d", formats = ["%m/%d/%Y", "%m/%d/%y"] }', "5/26/2017", date(2017, 5, 26), "day"),
        (
            '{ field = "d", formats = ["%Y-%m-%dT%H:%M:%S.%gZ"], utc_offset = "+05:30" }',
            "2025-03-31T18:30:00.000Z",
            date(2025, 4, 1),
            "day",
        ),
        ('{ field = "d", formats = ["%Y-%m-%dT%H:%M:%S%z"] }', "2017-09-20T08:00:00+02:00", date(2017, 9, 20), "day"),
    ],
)
def test_a_date_has_the_precision_of_the_format_that_read_it(
    world: World, declared: str, cell: str, expected: date, precision: str
) -> None:
    world.make(RECORD + f"incorporation_date = {declared}\n", csv_of("id,name,d", f"1,A,{cell}"))
    found = world.rows("select incorporation_date, incorporation_date_precision from staging.company_record")
    assert found == [(expected, precision)]


@pytest.mark.parametrize("cell", ["2010-13-45", "0017-05-26", "9999-01-01", "soon", "2010-01-01; drop table"])
def test_a_date_that_cannot_be_is_left_out_and_reported_but_its_row_is_kept(world: World, cell: str) -> None:
    report = world.make(RECORD + 'incorporation_date = "d"\n', csv_of("id,name,d", f"1,A,{cell}", "2,B,"))
    assert report.row_count_read == 2
    assert report.row_count_quarantined == 0
    assert world.rows("select count(*), count(incorporation_date) from staging.company_record") == [(2, 0)]
    ((line, reason),) = world.reasons()
    assert line == 2
    assert reason.startswith(f"company_record.incorporation_date: '{cell}' is not a date like %Y-%m-%d")


def test_a_country_is_stored_by_its_code_and_an_unknown_one_is_reported(world: World) -> None:
    world.make(
        RECORD + 'jurisdiction = "c"\n',
        csv_of("id,name,c", '1,A,"VIRGIN ISLANDS, BRITISH"', "2,B,hkg", "3,C,Atlantis", "4,D,"),
    )
    assert world.rows("select jurisdiction from staging.company_record order by record_id") == [
        ("VG",),
        ("HK",),
        (None,),
        (None,),
    ]
    assert world.reasons() == [
        (4, "company_record.jurisdiction: 'Atlantis' is not a country known here; the row is kept without it")
    ]


def test_a_kind_the_mapping_did_not_foresee_is_reported_and_unknown(world: World) -> None:
    world.make(RECORD + 'kind = { field = "k", values = { V = "vessel" } }\n', csv_of("id,name,k", "1,A,v", "2,B,X"))
    assert world.rows("select record_kind from staging.company_record order by record_id") == [
        ("vessel",),
        ("unknown",),
    ]
    ((_, reason),) = world.reasons()
    assert "'X' is none of company, person" in reason


def test_a_reviewed_correction_changes_what_is_mapped_and_not_what_was_published(world: World) -> None:
    correction = (
        '[[tables.entry.corrections]]\nfield = "d"\nwrong = "0017-05-26"\nright = "2017-05-26"\n'
        'reason = "82 FR 24245 gives the year"\n'
    )
    toml = ENTRY + correction + '[[records]]\nkey = ["id"]\nname = "name"\nincorporation_date = "d"\n'
    world.make(toml, csv_of("id,name,d", "1,A,0017-05-26"))
    assert world.rows("select incorporation_date from staging.company_record") == [(date(2017, 5, 26),)]
    assert world.rows("select d from raw.tiny_source__entry") == [("0017-05-26",)]


def test_a_cell_with_several_values_gives_a_row_for_each(world: World) -> None:
    toml = RECORD + (
        '[[records.names]]\neach = { field = "aka", split_pattern = \';\\s*(?:and\\s+)?\' }\nname = "each"\n'
        '[[records.addresses]]\neach = { field = "at", split = "; " }\n'
        'address = { field = "each", clean = [[", [A-Z]{2}$", ""]] }\n'
        'country = { field = "each", extract = "(?:^|, )([A-Z]{2})$" }\n'
    )
    world.make(toml, csv_of("id,name,aka,at", '1,A,"B; C;and D; ","1 Road, X, HK; SY"', "2,E,,"))
    assert world.rows("select name from staging.record_name order by 1") == [("B",), ("C",), ("D",)]
    assert world.rows("select address, country from staging.record_address order by 1") == [
        ("1 Road, X", "HK"),
        ("SY", "SY"),
    ]


def test_numbered_columns_give_a_row_for_each_number(world: World) -> None:
    toml = RECORD + (
        '[[records.names]]\nnumbered = [1, 3]\nname = "PreviousName_{n}.CompanyName"\nkind = { constant = "former" }\n'
    )
    head = "id,name,PreviousName_1.CompanyName,PreviousName_2.CompanyName,PreviousName_3.CompanyName"
    report = world.make(toml, csv_of(head, "1,A,B,,C"))
    assert world.rows("select name, name_kind from staging.record_name order by 1") == [
        ("B", "former"),
        ("C", "former"),
    ]
    assert report.tables[0].unused_fields == ()


def test_members_of_a_nested_list_are_fields_of_each(world: World) -> None:
    toml = (
        '[tables.entry]\nformat = "json"\nlists = ["names"]\n[[records]]\nkey = ["id.$"]\nname = "name"\n'
        '[[records.names]]\neach = { field = "names", nested = true }\nname = "each.$"\nlanguage = "each.@xml:lang"\n'
        '[[records.identifiers]]\neach = { field = "plain", nested = true }\nidentifier = "each"\n'
        'kind = { constant = "tax" }\n'
    )
    content = (
        b'[{"id": {"$": "1"}, "name": "A", "plain": ["x", 5],'
        b'  "names": [{"@xml:lang": "fr", "$": "B\\"C"}, {"$": "D"}]},'
        b' {"id": {"$": "2"}, "name": "E", "names": {"$": "F"}}]'
    )
    world.make(toml, {"entry.json": content})
    assert world.rows("select record_id, name, language from staging.record_name order by 1, 2") == [
        ("tiny_source:1", 'B"C', "fr"),
        ("tiny_source:1", "D", None),
        ("tiny_source:2", "F", None),
    ]
    assert world.rows("select identifier from staging.record_identifier order by 1") == [("5",), ("x",)]


def test_tables_meet_on_keys_read_as_text_and_orphans_are_reported(world: World) -> None:
    toml = (
        '[tables.sdn]\nformat = "csv"\ncolumns = ["num", "name"]\n'
        '[tables.alt]\nformat = "csv"\ncolumns = ["num", "kind", "alias"]\n'
        '[[records]]\nfrom = "sdn"\nkey = ["num"]\nname = "name"\n'
        '[[records.names]]\nfrom = "alt"\nname = "alias"\n'
        'kind = { field = "kind", values = { aka = "alias", fka = "former" } }\n'
    )
    world.make(toml, {"sdn.csv": b"007,A\n7,B\n", "alt.csv": b"007,fka,C\n9,aka,D\n"})
    assert world.rows("select record_id, name, name_kind from staging.record_name") == [
        ("tiny_source:007", "C", "former")
    ]
    assert world.reasons() == [(2, "no record with this key was found in table sdn")]


def test_a_joined_table_lends_its_fields_and_may_be_absent(world: World) -> None:
    toml = (
        '[tables.header]\nformat = "csv"\n[tables.bill]\nformat = "csv"\nis_optional = true\n'
        '[[records]]\nfrom = "header"\nkey = ["id"]\nname = "name"\n'
        'join = [{ table = "bill", on = ["id"], to = ["identifier"] }]\n'
        'status = { field = "state", table = "bill" }\n'
    )
    source = world.define(toml)
    files = {"header.csv": b"id,name\n1,A\n2,B\n", "bill.csv": b"identifier,state\n1,first\n1,second\n"}
    world.load(source, world.pull(source, files))
    assert world.rows("select status from staging.company_record order by record_id") == [("first",), (None,)]


def test_sections_read_only_rows_that_meet_their_conditions(world: World) -> None:
    toml = RECORD + (
        'when = [{ field = "type", matches_not = "^P" }, "name"]\n'
        '[[records.identifiers]]\nwhen = [{ field = "n", matches = "^[0-9]+$" }]\nidentifier = "n"\n'
        'kind = { constant = "tax" }\n'
    )
    world.make(toml, csv_of("id,name,type,n", "1,A,C,12", "2,B,P,13", "3,,C,14", "4,D,,x"))
    assert world.rows("select record_id from staging.company_record order by 1") == [
        ("tiny_source:1",),
        ("tiny_source:4",),
    ]
    assert world.rows("select record_id, identifier from staging.record_identifier") == [("tiny_source:1", "12")]


def test_rows_of_one_party_become_one_record_with_all_its_addresses(world: World) -> None:
    toml = ENTRY + (
        '[[records]]\nkey = ["name", "country"]\nrepeats = true\nname = "name"\nstatus = "status"\n'
        '[[records.addresses]]\naddress = "at"\n[[records.listings]]\nlist_name = { constant = "L" }\n'
    )
    world.make(
        toml, csv_of("name,country,status,at", "A,HK,first,1 Rd", "A,HK ,second,2 Rd", "A,CN,x,1 Rd", "A,HK,y,1 Rd")
    )
    records = world.rows("select record_id, status, line from staging.company_record order by line")
    assert [(status, line) for _, status, line in records] == [("first", 2), ("x", 4)]
    assert all(len(str(record).removeprefix("tiny_source:")) == 16 for record, _, _ in records)
    assert world.rows("select address, line from staging.record_address order by 2") == [
        ("1 Rd", 2),
        ("2 Rd", 3),
        ("1 Rd", 4),
    ]
    assert world.rows("select count(*) from staging.listing") == [(2,)]


def test_a_second_row_for_a_key_that_names_one_row_is_quarantined(world: World) -> None:
    report = world.make(RECORD, csv_of("id,name", "1,A", "1,B", "2,C", ",D"))
    assert world.rows("select name from staging.company_record order by 1") == [("A",), ("C",)]
    assert world.reasons() == [
        (3, "an earlier row has the same key (id), which names one row of this source"),
        (5, "the key field id is empty"),
    ]
    assert (report.row_count_read, report.row_count_quarantined) == (4, 2)


HOSTILE = "\"); drop table meta.source; -- ' <b>$p1</b> \u202e {n}"


def test_names_and_columns_that_carry_sql_are_only_text(world: World) -> None:
    column = 'weird "col'
    toml = (
        ENTRY
        + '[[records]]\nkey = ["id"]\nname = \'weird "col\'\nstatus = { constant = """'
        + HOSTILE.replace('"', '\\"').replace("\u202e", "\\u202e")
        + '""" }\n'
    )
    cell = HOSTILE.replace('"', '""')
    header = 'id,"weird ""col"'
    world.make(toml, csv_of(header, f'1,"{cell}"'))
    assert world.rows("select name, status from staging.company_record") == [(HOSTILE, HOSTILE)]
    assert world.rows("select count(*) from meta.source") == [(1,)]
    assert column in [row[0] for row in world.rows("describe raw.tiny_source__entry")]


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1a"), min_size=1, max_size=30)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(names, min_size=1, max_size=5))
def test_any_name_arrives_as_published_but_for_blanks_around_it(
    world: World, quoted: Callable[[str], str], listed: list[str]
) -> None:
    world.empty()
    rows = [f"{n},{quoted(name)}" for n, name in enumerate(listed)]
    world.make(RECORD, {"entry.csv": ("id,name\r\n" + "\r\n".join(rows) + "\r\n").encode()})
    found = dict(world.rows("select source_key::int, coalesce(name, '') from staging.company_record"))
    blanks = " \t\r\n\u00a0\u3000\u200b\ufeff"
    assert found == {n: name.strip(blanks) for n, name in enumerate(listed)}


@pytest.fixture
def quoted() -> Callable[[str], str]:
    return lambda text: '"' + text.replace('"', '""') + '"'
