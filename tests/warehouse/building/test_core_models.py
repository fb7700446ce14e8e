"""Core tables: several statements become one record, nothing is lost, every row keeps its source."""

import pytest


@pytest.fixture(scope="module")
def built(make_world):
    world = make_world()
    world.source("invented", is_synthetic=True)
    world.record("bis:1", None, status="active")
    world.record("bis:1", "Alpha Trading", jurisdiction="cn")
    world.record("bis:1", "Alpha Trade", jurisdiction="HK", registration_number="7", lei_code="LEI7")
    world.name("bis:1", "Alpha Trading", "alias")
    world.name("bis:1", "Alfa", "alias")
    world.name("bis:1", "Alfa", "alias")
    world.name("bis:1", "ALFA", "weak_alias")
    world.address("bis:1", "Room 803, 8/F Chevalier House, 45-51 Chatham Road South", "hk", city="Kowloon")
    world.address("bis:1", "Room 803, 8/F Chevalier House, 45-51 Chatham Road South", "HK", city="Kowloon")
    world.address("bis:1", "Elsewhere 7", "CN")
    world.identifier("bis:1", "phone", "+852 1")
    world.identifier("bis:1", "phone", "+852 1")
    world.listed("bis:1", "2012-05-01")
    world.listed("bis:1", "2010-05-01")
    world.listed("bis:1", "2010-05-01", delisted_date="2013-01-01")
    world.record("bis:nameless", None)
    world.name("bis:nameless", "Only An Alias")
    world.record("bis:person", "Jo Doe", record_kind="person")
    world.record("bis:vessel", "SS Nova", record_kind="vessel")
    world.record("bis:party", "Unknown Kind", record_kind="unknown")
    world.record("invented:1", "Invented Ltd")
    world.record("hk:year", "Year Only", incorporation_date="2010-01-01", incorporation_date_precision="year")
    world.record("hk:day", "Day Known", incorporation_date="2010-01-01")
    world.shipment(
        "customs:1", "2021-01-01", supplier="bis:1", receiver="bis:party", goods=(("85423100", "chips"),) * 2
    )
    world.build()
    return world


def test_a_record_stated_on_several_lines_is_one_row_with_the_first_value_of_each_field(built):
    (row,) = built.rows("select * from core.company_record where record_id = 'bis:1'")
    assert (row["name"], row["jurisdiction"], row["registration_number"]) == ("Alpha Trading", "CN", "7")
    assert (row["status"], row["statement_count"]) == ("active", 3)
    first = built.rows("select min(line) as line from staging.company_record where record_id = 'bis:1'")
    assert row["line"] == first[0]["line"]


def test_every_name_is_kept_once_per_kind_and_other_primary_names_too(built):
    rows = built.rows("select name, name_kind from core.record_name where record_id = 'bis:1' order by all")
    assert [(row["name"], row["name_kind"]) for row in rows] == [
        ("ALFA", "weak_alias"),
        ("Alfa", "alias"),
        ("Alpha Trade", "primary"),
        ("Alpha Trading", "alias"),
        ("Alpha Trading", "primary"),
    ]


def test_a_record_without_a_primary_name_takes_its_first_other_name(built):
    (row,) = built.rows("select name from core.company_record where record_id = 'bis:nameless'")
    assert row["name"] == "Only An Alias"


def test_the_same_address_stated_twice_is_one_row_read_down_to_the_unit(built):
    rows = built.rows(
        "select address, country, unit_keys from core.record_address where record_id = 'bis:1' order by line"
    )
    assert [row["country"] for row in rows] == ["HK", "CN"]
    assert "HK|chevalier-house|8|3" in rows[0]["unit_keys"]
    assert rows[1]["unit_keys"] == []


def test_identifiers_are_kept_once_and_stand_in_one_table(built):
    rows = built.rows(
        "select identifier_kind, identifier from core.record_identifier where record_id = 'bis:1' order by all"
    )
    assert [(row["identifier_kind"], row["identifier"]) for row in rows] == [("lei", "LEI7"), ("phone", "+852 1")]


def test_resolution_receives_companies_and_unknown_parties_only(built):
    ids = {row["record_id"] for row in built.rows("select record_id from resolved.resolution_input")}
    assert ids == {"bis:1", "bis:nameless", "bis:party", "invented:1", "hk:year", "hk:day"}


def test_the_input_of_resolution_has_the_agreed_shape_and_values(built):
    from resolution.schema import RECORDS

    table = built.con.sql("select * from resolved.resolution_input").to_arrow_table()
    assert table.cast(RECORDS).schema == RECORDS
    row = next(row for row in table.to_pylist() if row["record_id"] == "bis:1")
    assert row["other_names"] == ["ALFA", "Alfa", "Alpha Trade"]
    assert str(row["known_since"]) == "2010-05-01"
    assert (row["country"], row["address"].split(",")[0], row["city"]) == ("CN", "Room 803", "Kowloon")
    assert (row["phone"], row["lei"], row["registration_number"]) == ("+852 1", "LEI7", "7")
    assert (row["is_register"], row["is_synthetic"]) == (False, False)


def test_the_country_of_a_record_without_jurisdiction_is_that_of_its_first_address(make_world):
    world = make_world()
    world.record("bis:2", "Beta")
    world.address("bis:2", "1 First Street", "SG")
    world.address("bis:2", "2 Second Street", "AE")
    world.build()
    assert world.rows("select country from resolved.resolution_input") == [{"country": "SG"}]
    assert world.rows("select country, jurisdiction from mart.company") == [{"country": "SG", "jurisdiction": None}]


def test_a_registered_address_without_a_country_is_taken_to_be_in_the_country_of_registration(make_world):
    world = make_world()
    world.record("hk:1", "Beta", jurisdiction="HK")
    world.address("hk:1", "Room 803, Chevalier House, 45-51 Chatham Road South", None, address_kind="registered")
    world.address("hk:1", "Room 804, Chevalier House, 45-51 Chatham Road South", None, address_kind="delivery")
    world.build()
    rows = world.rows(
        "select country, is_country_assumed, len(unit_keys) > 0 as read from core.record_address order by line"
    )
    assert [tuple(row.values()) for row in rows] == [("HK", True, True), (None, False, False)]


def test_the_mark_of_invented_data_travels_to_every_table(built):
    for table in ("core.company_record", "core.record_name", "resolved.resolution_input"):
        rows = built.rows(f"select is_synthetic from {table} where record_id = 'invented:1'")
        assert rows
        assert all(row["is_synthetic"] for row in rows)
    assert built.rows("select is_synthetic from mart.company where entity_id = 'bp-invented:1'") == [
        {"is_synthetic": True}
    ]


def test_a_date_without_a_stated_precision_is_known_to_the_day(built):
    rows = built.rows(
        "select incorporation_date_precision as p from core.company_record where source = 'hk' order by record_id"
    )
    assert [row["p"] for row in rows] == ["day", "year"]


def test_equal_statements_about_goods_on_one_line_count_once(built):
    assert len(built.rows("select * from core.shipment_goods")) == 1
    (row,) = built.rows("select goods_family, basis, tier, hs6_codes, keywords from core.controlled_goods")
    assert row == {"goods_family": "chpl", "basis": "code", "tier": "1", "hs6_codes": ["854231"], "keywords": []}


def test_a_listing_is_kept_once_per_date_and_the_entity_counts_from_the_first(built):
    rows = built.rows("select listed_date::varchar as d, delisted_date::varchar as g from core.listing order by 1")
    assert rows == [{"d": "2010-05-01", "g": "2013-01-01"}, {"d": "2012-05-01", "g": None}]
    (row,) = built.rows("select listed_date::varchar as d, delisted_date from resolved.entity_listing")
    assert row == {"d": "2010-05-01", "delisted_date": None}


def test_names_that_carry_sql_html_and_control_characters_pass_through_unchanged(make_world):
    names = [
        "'; drop table core.record_name; --",
        "<img src=x onerror=alert(1)>",
        "a\tb\nc",
        "\u202eevil",
        "${as_of} $as_of",
        "名",
    ]
    world = make_world()
    for number, name in enumerate(names):
        world.record(f"bis:{number}", name)
        world.listed(f"bis:{number}", "2020-01-01")
        world.record(f"hk:{number}", name, jurisdiction="HK", incorporation_date="2020-06-01")
        world.alike(f"bis:{number}", f"hk:{number}")
    world.build()
    assert {row["name"] for row in world.rows("select name from mart.lead")} == set(names)
    assert all(row["why"] for row in world.rows("select why from mart.lead"))
