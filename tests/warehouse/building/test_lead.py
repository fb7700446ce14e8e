"""Leads: who becomes one, in which band, and down to which source rows."""


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
