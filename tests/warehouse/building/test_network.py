"""Entities and the ties between them: merged or linked, never both."""

import pytest

UNIT = "Unit 803, 8/F Chevalier House, 45-51 Chatham Road South"


@pytest.fixture(scope="module")
def tied(make_world):
    world = make_world()
    world.source("invented", is_synthetic=True)
    world.record("bis:1", "Alpha Holdings Ltd")
    world.listed("bis:1", "2019-01-01")
    world.record(
        "hk:1", "ALPHA HOLDINGS LIMITED", jurisdiction="HK", incorporation_date="2001-02-03", registration_number="1"
    )
    world.record("customs:1", "ALPHA HLDGS", jurisdiction="CN")
    world.same("bis:1", "hk:1", "customs:1")
    world.record("hk:2", "ALPHA TRADING LIMITED", jurisdiction="HK")
    world.alike("bis:1", "hk:2", 0.9)
    world.alike("hk:1", "hk:2", 0.93)
    world.alike("bis:1", "hk:1", 1.0, 0.99)
    for number in (3, 4):
        world.record(f"hk:{number}", f"Tenant {number}", jurisdiction="HK")
        world.address(f"hk:{number}", UNIT)
    world.record("invented:5", "Invented Tenant")
    world.address("invented:5", UNIT)
    world.shipment("customs:1", "2020-01-01", supplier="customs:1", receiver="hk:3")
    world.shipment("customs:2", "2020-02-01", supplier="customs:1", receiver="hk:3")
    world.shipment("customs:3", "2020-02-01", supplier="customs:1", receiver="hk:1")
    world.build()
    return world


def test_an_entity_takes_each_field_from_its_best_source(tied):
    (row,) = tied.rows("select * from mart.company where record_count = 3")
    assert (row["name"], row["name_record_id"]) == ("ALPHA HOLDINGS LIMITED", "hk:1")
    assert (row["jurisdiction"], row["registration_number"]) == ("HK", "1")
    assert row["sources"] == ["bis", "customs", "hk"]
    assert (row["is_listed"], str(row["first_listed_date"]), row["is_shipping_party"]) == (True, "2019-01-01", True)


def test_every_record_belongs_to_exactly_one_entity(tied):
    counted = tied.rows("select sum(record_count) as n from mart.company")[0]["n"]
    assert (
        counted
        == len(tied.rows("select * from resolved.cluster_member"))
        == len(tied.rows("select * from mart.cluster"))
    )


def test_records_of_one_entity_are_never_tied_to_each_other(tied):
    assert tied.rows("select * from mart.network_tie where left_entity_id >= right_entity_id") == []
    assert len(tied.rows("select * from mart.network_tie where tie_kind = 'look_alike'")) == 1


def test_a_tie_of_like_names_rests_on_the_most_alike_records(tied):
    (row,) = tied.rows("select * from mart.network_tie where tie_kind = 'look_alike'")
    assert {row["left_record_id"], row["right_record_id"]} == {"hk:1", "hk:2"}
    assert (row["strength"], row["support_count"], row["path"]) == (0.93, 2, "same script")


def test_a_shared_unit_ties_real_companies_and_leaves_invented_ones_out(tied):
    (row,) = tied.rows("select * from mart.network_tie where tie_kind = 'shared_address_unit'")
    assert {row["left_record_id"], row["right_record_id"]} == {"hk:3", "hk:4"}
    assert row["strength"] == pytest.approx(0.6309, abs=1e-3)
    assert "2 companies" in row["why"]


def test_trade_between_two_entities_is_one_tie_with_its_count_and_first_shipment(tied):
    (row,) = tied.rows("select * from mart.network_tie where tie_kind = 'trade'")
    assert (row["support_count"], row["shipment_id"]) == (2, "customs:1")
    assert "2020-01-01" in row["why"]


def test_a_shipment_shows_both_sides_by_name_and_entity(tied):
    (row,) = tied.rows("select * from mart.shipment where shipment_id = 'customs:1'")
    assert (row["supplier_names"], row["receiver_names"]) == (["ALPHA HLDGS"], ["Tenant 3"])
    assert row["supplier_entity_ids"] == ["bp-bis:1"]


def test_a_crowded_unit_ties_nobody_but_to_a_listed_party(make_world):
    world = make_world()
    for number in range(30):
        world.record(f"hk:{number}", f"Client {number}", jurisdiction="HK")
        world.address(f"hk:{number}", UNIT)
    world.record("bis:1", "Listed Client")
    world.address("bis:1", UNIT)
    world.listed("bis:1", "2020-01-01")
    world.build()
    rows = world.rows("select * from mart.network_tie")
    assert len(rows) == 30
    assert all("bp-bis:1" in (row["left_entity_id"], row["right_entity_id"]) for row in rows)
    (row,) = world.rows(
        "select * from mart.indicator_state where entity_id = 'bp-hk:1' and indicator like 'same_address%'"
    )
    assert (row["state"], row["value"]) == ("fired", pytest.approx(0.2, abs=0.01))
