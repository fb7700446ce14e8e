"""Leads: who becomes one, in which band, what speaks against it, and down to which source rows."""

import pytest

UNIT = "Unit 803, 8/F Chevalier House, 45-51 Chatham Road South"


def test_victory_wave_is_found_by_its_day_of_formation_and_not_by_merging(victory_wave):
    victory_wave.build()
    (lead,) = victory_wave.rows("select * from mart.lead")
    assert lead["entity_id"] == "bp-hk:1447829"
    assert lead["indicators_fired"] == ["formed_after_listing_of_look_alike"]
    assert "100 days after" in lead["why"]
    assert lead["listed_entity_id"] == "bp-bis:vw"
    assert lead["disclaimer"] == "Lead for review. Not a finding of wrongdoing."
    evidence = victory_wave.rows("select source, path, sha256, line from mart.lead_evidence order by position")
    assert [row["source"] for row in evidence] == ["hk", "bis"]
    assert all(row["path"] and row["sha256"] and row["line"] for row in evidence)


@pytest.fixture(scope="module")
def leads(make_world):
    """Leads of every strength around one listed party, by entity id."""
    world = make_world()
    world.source("invented", is_synthetic=True)
    world.record("bis:nova", "Nova Halcyon", jurisdiction="CN")
    world.address("bis:nova", UNIT)
    world.listed("bis:nova", "2020-01-01")
    world.record("customs:nova", "NOVA HALCYON")
    world.same("bis:nova", "customs:nova")
    world.record("hk:strong", "Nova Halcyon One", jurisdiction="HK", incorporation_date="2020-02-01")
    world.address("hk:strong", UNIT)
    world.alike("hk:strong", "bis:nova", 0.99)
    world.shipment(
        "customs:1", "2021-01-01", supplier="customs:nova", receiver="hk:strong", goods=(("854231", "chips"),)
    )
    world.record("hk:name", "Nova Halcyon Two", jurisdiction="SG", incorporation_date="2020-02-01")
    world.alike("hk:name", "bis:nova", 0.98)
    world.record("hk:old", "Nova Halcyon Three", jurisdiction="HK", incorporation_date="1990-02-01")
    world.alike("hk:old", "bis:nova", 0.97)
    world.record("hk:home", "Nova Halcyon Four", jurisdiction="CN", incorporation_date="2001-02-01")
    world.alike("hk:home", "bis:nova", 0.96)
    world.record("bis:inv", "Invenzia Corp", jurisdiction="CN")
    for number in range(40):
        world.record(f"hk:common{number}", f"Common {number}", jurisdiction="HK")
        world.alike(f"hk:common{number}", "bis:common", 0.95)
    world.record("bis:common", "Common Name", jurisdiction="CN")
    world.listed("bis:common", "2020-01-01")
    world.record("invented:listed", "Fantasia Works", jurisdiction="CN")
    world.listed("invented:listed", "2020-01-01")
    world.record("invented:twin", "Fantasia Works Two", jurisdiction="HK", incorporation_date="2020-01-05")
    world.alike("invented:listed", "invented:twin")
    world.build()
    return {row["entity_id"].removeprefix("bp-"): row for row in world.rows("select * from mart.lead")}, world


def test_name_address_and_trade_together_are_high_and_first(leads):
    lead = leads[0]["hk:strong"]
    assert (lead["rank"], lead["band"]) == (1, "high")
    assert lead["axis_count"] == 2
    assert lead["family_count"] >= 3
    assert lead["independent_source_count"] >= 2
    assert set(lead["indicators_fired"]) >= {
        "same_address_unit_as_listed_party",
        "trade_with_listed_party_after_listing",
    }


def test_a_name_and_a_day_alone_are_never_high(leads):
    lead = leads[0]["hk:name"]
    assert lead["axis_count"] == 2
    assert lead["band"] != "high"


def test_what_speaks_against_a_lead_lowers_it_and_is_told(leads):
    found, world = leads
    assert "hk:old" not in found
    (row,) = world.rows(
        "select * from mart.indicator_state where entity_id = 'bp-hk:old' and indicator like 'established%'"
    )
    assert row["state"] == "fired"
    assert all(lead["exculpation_bits"] <= 0 for lead in found.values())


def test_a_look_alike_at_home_and_founded_earlier_is_no_lead(leads):
    assert "hk:home" not in leads[0]


def test_a_listed_party_is_quoted_and_never_a_lead(leads):
    found, world = leads
    assert not {"bis:nova", "bis:common"} & found.keys()
    assert world.rows("select is_listed from mart.company where entity_id = 'bp-bis:nova'") == [{"is_listed": True}]


def test_a_name_that_many_share_is_no_lead(leads):
    assert not [entity for entity in leads[0] if entity.startswith("hk:common")]


def test_a_lead_about_invented_data_says_so_in_all_its_rows(leads):
    found, world = leads
    assert found["invented:twin"]["is_synthetic"]
    assert not found["hk:strong"]["is_synthetic"]
    rows = world.rows("select * from mart.lead_evidence where lead_id = ?", found["invented:twin"]["lead_id"])
    assert rows
    assert all(row["is_synthetic"] for row in rows)


def test_axes_are_scored_apart_and_an_unmeasured_one_says_so(leads):
    unread = leads[0]["hk:name"]
    assert (unread["opacity_bits"], unread["opacity_state"]) == (None, "not checkable")
    lead = leads[0]["hk:strong"]
    assert (lead["opacity_bits"], lead["opacity_state"]) == (0, "1 of 1 indicators checked")
    assert lead["linkage_bits"] > 0
    assert lead["diversion_bits"] > 0
    assert lead["is_uncalibrated"]
    total = lead["linkage_bits"] + lead["diversion_bits"] + lead["exculpation_bits"]
    assert lead["total_bits"] == pytest.approx(total)


def test_ranks_are_complete_and_follow_band_and_bits(leads):
    ordered = sorted(leads[0].values(), key=lambda lead: lead["rank"])
    assert [lead["rank"] for lead in ordered] == list(range(1, len(ordered) + 1))
    strength = [("low", "medium", "high").index(lead["band"]) * 100 + lead["total_bits"] for lead in ordered]
    assert strength == sorted(strength, reverse=True)


def test_the_name_of_a_lead_survives_another_run_and_other_data(leads, make_world):
    world = make_world()
    world.record("hk:unrelated", "Unrelated", jurisdiction="HK")
    world.record("bis:nova", "Nova Halcyon", jurisdiction="CN")
    world.listed("bis:nova", "2020-01-01")
    world.record("hk:strong", "Nova Halcyon One", jurisdiction="HK", incorporation_date="2020-02-01")
    world.alike("hk:strong", "bis:nova")
    world.build()
    assert world.rows("select lead_id from mart.lead") == [{"lead_id": leads[0]["hk:strong"]["lead_id"]}]


def test_indicators_that_could_not_be_checked_stand_on_the_lead(leads):
    assert "new_importer_of_controlled_goods" in leads[0]["hk:name"]["indicators_not_checkable"]
