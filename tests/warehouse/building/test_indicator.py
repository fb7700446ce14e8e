"""Every indicator in its three states, from given rows to the expected answer, all in one small world."""

import pytest

from warehouse.building.model import MODELS

UNIT = "Unit 803, 8/F Chevalier House, 45-51 Chatham Road South, Kowloon"
OTHER_UNIT = "Unit 804, 8/F Chevalier House, 45-51 Chatham Road South, Kowloon"
CROWDED = "Room 1201, 12/F Agents Tower, 1 Registration Road, Central"
BUILDING_ONLY = "Chevalier House, 45-51 Chatham Road South, Kowloon"


@pytest.fixture(scope="module")
def observed(make_world):
    """One world for all cases: entities in it do not touch one another unless a case says so."""
    world = make_world()
    world.source("gb", is_register=True)
    _look_alikes(world)
    _addresses(world)
    _trade(world)
    _goods(world)
    world.build()
    return world


def _look_alikes(world):
    world.record("bis:nova", "Nova Halcyon Holdings", jurisdiction="CN")
    world.listed("bis:nova", "2015-06-01")
    world.record("bis:undated", "Zephyrine Trading", jurisdiction="CN")
    world.listed("bis:undated", None)
    for record_id, listed, home, formed, fields in [
        ("hk:elsewhere", "bis:nova", "HK", "2015-06-01", {}),
        ("hk:athome", "bis:nova", "CN", "2017-05-31", {}),
        ("hk:nowhere", "bis:nova", None, None, {}),
        ("hk:toolate", "bis:nova", "HK", "2017-06-01", {}),
        ("hk:before", "bis:nova", "HK", "2015-05-31", {}),
        ("hk:yearin", "bis:nova", "HK", "2016-01-01", {"incorporation_date_precision": "year"}),
        ("hk:yearacross", "bis:nova", "HK", "2015-01-01", {"incorporation_date_precision": "year"}),
        ("hk:monthout", "bis:nova", "HK", "2015-05-01", {"incorporation_date_precision": "month"}),
        ("hk:nodate", "bis:undated", "HK", "2016-01-01", {}),
        ("hk:old", "bis:nova", "HK", "1990-01-01", {}),
        ("hk:gone", "bis:nova", "HK", "2010-01-01", {"dissolution_date": "2015-05-31"}),
        ("hk:gonelater", "bis:nova", "HK", "2010-01-01", {"dissolution_date": "2015-06-02"}),
        ("hk:goneundated", "bis:undated", "HK", None, {"dissolution_date": "2015-06-02"}),
    ]:  # fmt: skip
        world.record(record_id, f"Nova Halcyon {record_id}", jurisdiction=home, incorporation_date=formed, **fields)
        world.alike(record_id, listed)
    world.record("hk:barely", "Nova Something", jurisdiction="HK", incorporation_date="2015-07-01")
    world.alike("hk:barely", "bis:nova", likeness=0.80)
    world.record("hk:delisted", "Delisted Twin", jurisdiction="HK", incorporation_date="2012-03-01")
    world.record("bis:delisted", "Delisted One", jurisdiction="CN")
    world.listed("bis:delisted", "2011-01-01", delisted_date="2012-01-01")
    world.alike("hk:delisted", "bis:delisted")


def _addresses(world):
    world.record("bis:address", "Address 04", record_kind="address")
    world.address("bis:address", UNIT)
    world.listed("bis:address", "2024-06-12", is_address_entry=True)
    world.record("bis:tenant", "Listed Tenant")
    world.address("bis:tenant", OTHER_UNIT)
    world.listed("bis:tenant", "2020-01-01")
    world.record("bis:crowd", "Crowded Tenant")
    world.address("bis:crowd", CROWDED)
    world.listed("bis:crowd", "2020-01-01")
    for record_id, address in [("gb:inunit", UNIT), ("gb:nextdoor", OTHER_UNIT), ("gb:whole", BUILDING_ONLY)]:
        world.record(record_id, f"Company {record_id}", jurisdiction="HK")
        world.address(record_id, address)
    world.record("bis:box", "Listed Box Holder")
    world.address("bis:box", "P.O. Box 3444, Road Town, Tortola", "VG")
    world.listed("bis:box", "2020-01-01")
    world.record("gb:box", "Box Sharer", jurisdiction="VG")
    world.address("gb:box", "PO Box 3444, Road Town, Tortola", "VG")
    for number in range(60):
        world.record(f"gb:crowd{number}", f"Client {number}", jurisdiction="HK")
        world.address(f"gb:crowd{number}", CROWDED)


def _trade(world):
    world.record("bis:trader", "Listed Trader", jurisdiction="RU")
    world.listed("bis:trader", "2020-01-01", delisted_date="2022-01-01")
    world.record("customs:listed", "LISTED TRADER")
    world.same("bis:trader", "customs:listed")
    for name in ("buyer", "early", "late", "undated", "stranger", "alone", "seller"):
        world.record(f"customs:{name}", f"Party {name}", jurisdiction="KZ")
    world.address("customs:stranger", "Republic Avenue, Astana", country="KZ")
    world.shipment("customs:1", "2021-01-01", supplier="customs:listed", receiver="customs:buyer")
    world.shipment("customs:2", "2019-12-31", supplier="customs:listed", receiver="customs:early")
    world.shipment("customs:3", "2022-01-01", supplier="customs:listed", receiver="customs:late")
    world.shipment("customs:4", None, supplier="customs:listed", receiver="customs:undated")
    world.shipment("customs:5", "2021-01-01", supplier="customs:early", receiver="customs:stranger")
    world.shipment("customs:6", "2021-01-01", receiver="customs:alone")
    world.shipment("customs:7", "2021-02-01", supplier="customs:seller", receiver="customs:listed")


def _goods(world):
    world.source("young")
    for name in ("newcomer", "veteran", "unwatched", "undatedgoods", "coder", "driller"):
        world.record(f"customs:{name}", f"Importer {name}")
    world.record("young:newcomer", "Importer of a young source")
    world.shipment(
        "customs:20", "2023-01-05", receiver="customs:newcomer", goods=(("8542310000", "INTEGRATED CIRCUITS"),)
    )
    world.shipment("customs:21", "2021-01-05", receiver="customs:veteran", goods=(("854231", None),))
    world.shipment("customs:22", "2023-01-05", receiver="customs:veteran", goods=(("854231", None),))
    world.shipment("customs:23", "2023-01-05", receiver="customs:unwatched", goods=(("690721", "CERAMIC TILES"),))
    world.shipment("customs:24", None, receiver="customs:undatedgoods", goods=(("854231", None),))
    world.shipment("customs:25", "2023-01-05", receiver="customs:coder", goods=(("847330", "NVIDIA H100 SXM5 boards"),))
    world.shipment("customs:26", "2023-01-05", receiver="customs:driller", goods=(("820750", "DRILL BITS A100"),))
    world.shipment("young:1", "2023-01-05", receiver="young:newcomer", goods=(("854231", None),))


LOOK_ALIKE = "look_alike_of_listed_party"
FORMED = "formed_after_listing_of_look_alike"
AT_ADDRESS = "at_listed_address"
SAME_UNIT = "same_address_unit_as_listed_party"
TRADE = "trade_with_listed_party_after_listing"
GOODS = "new_importer_of_controlled_goods"
MASS = "at_mass_registration_address"
ESTABLISHED = "established_before_listing"
DISSOLVED = "dissolved_before_listing"

CASES = [
    (LOOK_ALIKE, "hk:elsewhere", "fired", 0.95),
    (LOOK_ALIKE, "hk:athome", "clear", 0.95),
    (LOOK_ALIKE, "hk:nowhere", "not_checkable", 0.95),
    (LOOK_ALIKE, "customs:buyer", "clear", None),
    (FORMED, "hk:elsewhere", "fired", 0),
    (FORMED, "hk:athome", "fired", 730),
    (FORMED, "hk:toolate", "clear", 731),
    (FORMED, "hk:before", "clear", -1),
    (FORMED, "hk:nowhere", "not_checkable", None),
    (FORMED, "hk:nodate", "not_checkable", None),
    (FORMED, "hk:yearin", "fired", 214),
    (FORMED, "hk:yearacross", "not_checkable", -151),
    (FORMED, "hk:monthout", "clear", -31),
    (FORMED, "hk:delisted", "clear", 425),
    (AT_ADDRESS, "gb:inunit", "fired", 1),
    (AT_ADDRESS, "gb:nextdoor", "clear", 0),
    (AT_ADDRESS, "customs:stranger", "not_checkable", 0),
    (AT_ADDRESS, "hk:elsewhere", "not_checkable", 0),
    (SAME_UNIT, "gb:nextdoor", "fired", pytest.approx(0.6309, abs=1e-3)),
    (SAME_UNIT, "gb:inunit", "clear", None),
    (SAME_UNIT, "gb:crowd7", "clear", pytest.approx(0.168, abs=1e-3)),
    (SAME_UNIT, "hk:elsewhere", "not_checkable", None),
    (TRADE, "customs:buyer", "fired", 1),
    (TRADE, "customs:seller", "fired", 1),
    (TRADE, "customs:early", "clear", 0),
    (TRADE, "customs:late", "clear", 0),
    (TRADE, "customs:stranger", "clear", 0),
    (TRADE, "customs:undated", "not_checkable", 0),
    (TRADE, "customs:alone", "not_checkable", 0),
    (TRADE, "hk:elsewhere", "not_checkable", 0),
    (GOODS, "customs:newcomer", "fired", 1),
    (GOODS, "customs:coder", "fired", 1),
    (GOODS, "customs:veteran", "clear", 1),
    (GOODS, "customs:unwatched", "clear", None),
    (GOODS, "customs:driller", "clear", None),
    (GOODS, "customs:undatedgoods", "not_checkable", 0),
    (GOODS, "young:newcomer", "not_checkable", 1),
    (GOODS, "customs:seller", "not_checkable", None),
    (MASS, "gb:crowd7", "fired", 61),
    (MASS, "gb:inunit", "clear", 1),
    (MASS, "customs:stranger", "not_checkable", None),
    (ESTABLISHED, "hk:old", "fired", pytest.approx(25.4, abs=0.1)),
    (ESTABLISHED, "hk:before", "clear", pytest.approx(0, abs=0.1)),
    (ESTABLISHED, "hk:nowhere", "not_checkable", None),
    (ESTABLISHED, "customs:buyer", "clear", None),
    (DISSOLVED, "hk:gone", "fired", 1),
    (DISSOLVED, "hk:gonelater", "clear", -1),
    (DISSOLVED, "hk:goneundated", "not_checkable", None),
    (DISSOLVED, "hk:old", "clear", None),
]


@pytest.mark.parametrize(("indicator", "record_id", "state", "value"), CASES)
def test_an_indicator_gives_the_expected_state_and_value(observed, indicator, record_id, state, value):
    row = observed.indicator(record_id, indicator)
    assert (row["state"], row["value"]) == (state, value)
    assert row["why"].strip()
    assert row["weight"] is not None
    assert 0 <= row["weight"] <= 1
    assert (row["weight"] > 0) == (state == "fired")
    if state == "fired":
        assert row["evidence"]


def test_every_indicator_of_the_catalogue_is_tested_in_its_three_states(observed):
    catalogue = {row["indicator"] for row in observed.rows("select indicator from reference.indicator")}
    assert {(i, s) for i, _, s, _ in CASES} == {(i, s) for i in catalogue for s in ("fired", "clear", "not_checkable")}


def test_the_catalogue_names_exactly_the_indicators_that_have_a_select(observed):
    catalogue = {row["indicator"] for row in observed.rows("select indicator from reference.indicator")}
    assert catalogue == {path.stem for path in (MODELS / "indicator").glob("*.sql")}


def test_every_indicator_of_the_catalogue_answers_once_for_every_observed_entity(observed):
    (row,) = observed.rows(
        "select (select count(*) from resolved.indicator_subject) * (select count(*) from reference.indicator)"
        " as expected,"
        " (select count(*) from mart.indicator_state) as found"
    )
    assert row["found"] == row["expected"] > 0


def test_every_row_of_evidence_points_to_the_line_that_was_staged(observed):
    lost = observed.rows(
        "with e as (select unnest(evidence) as e from mart.indicator_state)"
        " select * from e"
        " where not exists (from staging.company_record s where (s.file_id, s.line) = (e.file_id, e.line))"
        " and not exists (from staging.listing s where (s.file_id, s.line) = (e.file_id, e.line))"
        " and not exists (from staging.record_address s where (s.file_id, s.line) = (e.file_id, e.line))"
        " and not exists (from staging.shipment s where (s.file_id, s.line) = (e.file_id, e.line))"
        " and not exists (from staging.shipment_goods s where (s.file_id, s.line) = (e.file_id, e.line))"
    )
    assert lost == []


def test_names_that_are_less_alike_than_the_threshold_are_no_look_alikes(observed):
    assert observed.rows("select * from mart.indicator_state where entity_id = 'bp-hk:barely'") == []


def test_the_weight_of_a_formation_falls_with_the_days_since_the_listing(observed):
    early, late = observed.indicator("hk:elsewhere", FORMED), observed.indicator("hk:athome", FORMED)
    assert early["weight"] > 6 * late["weight"] > 0


def test_an_address_in_the_same_building_but_another_unit_never_fires(observed):
    for indicator in (AT_ADDRESS, SAME_UNIT):
        rows = observed.rows("select * from mart.indicator_state where entity_id = 'bp-gb:whole'")
        assert [row for row in rows if row["indicator"] == indicator and row["state"] == "fired"] == []


def test_words_and_code_together_weigh_more_than_a_code_alone(observed):
    both, code = observed.indicator("customs:coder", GOODS), observed.indicator("customs:newcomer", GOODS)
    assert both["weight"] == 1
    assert code["weight"] == 0.5
    assert "artificial intelligence" in both["why"]


def test_a_shared_post_office_box_weighs_half_of_a_shared_unit(observed):
    box, unit = observed.indicator("gb:box", SAME_UNIT), observed.indicator("gb:nextdoor", SAME_UNIT)
    assert box["state"] == unit["state"] == "fired"
    assert box["weight"] == pytest.approx(unit["weight"] / 2)


def test_one_mistyped_year_does_not_make_a_source_look_old(world):
    world.record("customs:1", "Importer")
    for number in range(1200):
        world.shipment(
            f"customs:{number}", "2023-05-01", receiver="customs:1", goods=(("854231", None),) * (number < 3)
        )
    world.shipment("customs:typo", "1923-05-01", receiver="customs:1")
    world.build()
    assert world.indicator("customs:1", GOODS)["state"] == "not_checkable"


def test_trade_is_told_with_the_reminder_that_it_may_be_licensed(observed):
    assert "may be licensed" in observed.indicator("customs:buyer", TRADE)["why"]


def test_coverage_counts_every_unlisted_entity_once_per_indicator(observed):
    rows = observed.rows(
        "select indicator, sum(entity_count) as counted,"
        " (select count(*) from resolved.entity where not is_listed) as there"
        " from mart.indicator_coverage group by indicator"
    )
    assert len(rows) == 9
    assert all(row["counted"] == row["there"] for row in rows)


def test_without_a_list_nothing_about_lists_can_be_checked(world):
    world.record("customs:1", "Alpha")
    world.record("customs:2", "Beta")
    world.shipment("customs:1", "2021-01-01", supplier="customs:1", receiver="customs:2")
    world.build()
    states = {
        r["indicator"]: r["state"]
        for r in world.rows("select * from mart.indicator_state where entity_id = 'bp-customs:1'")
    }
    assert states[LOOK_ALIKE] == states[FORMED] == states[AT_ADDRESS] == states[TRADE] == "not_checkable"
