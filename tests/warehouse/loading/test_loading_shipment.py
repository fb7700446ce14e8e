"""Shipments: one row or several tables become shipments, parties that are records, and goods."""

from datetime import date
from typing import Any

import pytest

World = Any

CUSTOMS = """
[tables.declaration]
format = "csv"
nulls = ["NULL"]

[[shipments]]
key = "row"
direction = "import"
shipment_date = { field = "MONTH", formats = ["%b %Y"] }
origin_country = "ORIGIN"
destination_country = { constant = "IN" }
gross_weight_kg = { field = "WEIGHT", unit = "UNIT", factors = { KG = 1, LB = 0.5 } }

[[shipments.parties]]
role = "consignee"
name = "BUYER"
country = { constant = "IN" }
identifiers = [{ kind = { constant = "iec" }, identifier = "IEC" }]

[[shipments.parties]]
role = "shipper"
name = "SELLER"
address = "SELLER_AT"
country = { constant = "IN" }

[[shipments.goods]]
hs_code = "HS"
description = "TEXT"
quantity = { field = "QTY", decimal_comma = true }
"""
HEADER = "BUYER,IEC,SELLER,SELLER_AT,MONTH,ORIGIN,WEIGHT,UNIT,HS,TEXT,QTY\n"


def customs(*rows: str) -> dict[str, bytes]:
    return {"declaration.csv": (HEADER + "\n".join(rows) + "\n").encode()}


def test_a_row_without_a_number_is_known_by_all_it_says(world: World) -> None:
    world.make(CUSTOMS, customs("A,1,B,1 Rd,Mar 2025,CHINA,1,KG,84.73 30,chips,5", "A,1,B,,Apr 2025,CN,,,8473,x,NULL"))
    shipments = world.rows(
        "select shipment_id, shipment_date, shipment_date_precision, origin_country from staging.shipment order by line"
    )
    assert [row[1:] for row in shipments] == [
        (date(2025, 3, 1), "month", "CN"),
        (date(2025, 4, 1), "month", "CN"),
    ]
    assert all(str(row[0]).startswith("tiny_source:") for row in shipments)
    assert world.rows("select hs_code, description, quantity from staging.shipment_goods order by line") == [
        ("84733" + "0", "chips", 5.0),
        ("8473", "x", None),
    ]


def test_ids_of_rows_do_not_depend_on_their_order_and_equal_rows_are_told_apart(world: World) -> None:
    rows = ["A,1,B,,Mar 2025,CN,,,1,x,5", "A,1,B,,Mar 2025,CN,,,1,x,5", "C,1,B,,Mar 2025,CN,,,1,x,5"]
    world.make(CUSTOMS, customs(*rows), "first")
    world.make(CUSTOMS, customs(*reversed(rows)), "second")
    ids = "select list_sort(list(split_part(shipment_id, ':', 2))) from staging.shipment where source = '{}'"
    first, second = (world.rows(ids.format(name))[0][0] for name in ("first", "second"))
    assert first == second
    assert len(set(first)) == 3


def test_a_party_is_one_record_in_every_role_and_another_at_another_address(world: World) -> None:
    world.make(
        CUSTOMS,
        customs("A,77,B,1 Rd,Mar 2025,CN,,,1,x,5", "B,88,A,,Mar 2025,CN,,,1,x,5", "A,77,B,2 Rd,Mar 2025,CN,,,1,x,5"),
    )
    parties = world.rows(
        "select p.role, r.name, p.record_id from staging.shipment_party p "
        "join staging.company_record r using (record_id)"
    )
    ids = {(role, name): record for role, name, record in parties}
    assert ids["consignee", "A"] == ids["shipper", "A"]
    assert world.rows("select name, count(*) from staging.company_record group by 1 order by 1") == [("A", 1), ("B", 3)]
    assert world.rows("select identifier_kind, identifier from staging.record_identifier order by 2") == [
        ("iec", "77"),
        ("iec", "88"),
    ]
    assert world.rows("select distinct country from staging.record_address") == [("IN",)]


@pytest.mark.parametrize(
    ("weight", "unit", "expected", "faults"),
    [
        ("1,000", "KG", 1000.0, 0),
        ("10", "lb", 5.0, 0),
        ("10", "stone", None, 1),
        ("many", "KG", None, 1),
        ("", "", None, 0),
    ],
)
def test_weights_are_brought_to_kilograms_or_left_out_and_reported(
    world: World, weight: str, unit: str, expected: float | None, faults: int
) -> None:
    world.make(CUSTOMS, customs(f'A,1,B,,Mar 2025,CN,"{weight}",{unit},1,x,"1.234,5"'))
    assert world.rows("select gross_weight_kg from staging.shipment") == [(expected,)]
    assert world.rows("select quantity from staging.shipment_goods") == [(1234.5,)]
    assert len(world.reasons()) == faults


MANIFEST = """
[tables.header]
format = "csv"
is_optional = true
[[tables.header.reject]]
field = "identifier"
matches = '^[1-9][0-9]{0,5}0{6,}$'
reason = "identifier was rounded by a spreadsheet"

[tables.consignee]
format = "csv"

[[shipments]]
from = "header"
key = ["identifier"]
repeats = true
direction = "import"
vessel_name = "vessel"

[[shipments.parties]]
from = "consignee"
role = "consignee"
name = "name"

[[shipments.goods]]
from = "header"
description = "text"
"""


def test_tables_of_a_manifest_meet_on_the_identifier_as_text(world: World) -> None:
    files = {
        "header.csv": b"identifier,vessel,text\n202001061634,EVER,x\n202001061634,EVER,x\n2020000000000,ROUND,y\n",
        "consignee.csv": b"identifier,name\n202001061634,A\n202001061635,B\n",
    }
    report = world.make(MANIFEST, files)
    assert world.rows("select source_key, vessel_name from staging.shipment order by 1") == [
        ("202001061634", "EVER"),
        ("202001061635", None),
    ]
    assert world.rows("select count(*) from staging.shipment_party") == [(2,)]
    assert world.rows("select count(*) from staging.shipment_goods") == [(1,)]
    assert world.reasons() == [(4, "identifier was rounded by a spreadsheet")]
    assert report.row_count_quarantined == 1


def test_a_delivery_without_an_optional_table_still_knows_its_shipments(world: World) -> None:
    report = world.make(MANIFEST, {"consignee.csv": b"identifier,name\n1,A\n"})
    assert world.rows("select source_key, direction from staging.shipment") == [("1", "import")]
    assert [table.table for table in report.tables] == ["consignee"]
