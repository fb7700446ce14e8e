"""Addresses down to the unit: which share one and which do not."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.building.address import NOTHING, address_keys

# The address entries of the Entity List of June 2024, each with ways others write the same unit (as named by
# https://erai.com/erai_blog/3184), and units in the same building that are not listed.
LISTED = {
    "one capital": "Unit D 16/F One Capital Place, 18 Luard Rd, Wan Chai",
    "bright way": "Unit 04, 7/F Bright Way Tower, 33 Mong Kok Rd",
    "lockhart": "Room 19C Lockhart Centre, 301-307 Lockhart Rd",
    "chevalier": "Room 803 Chevalier House, 45-51 Chatham Rd South, TST",
    "ho king 2309": "Flat/Rm 2309, 23/F Ho King Commercial Centre, 2-16 Fa Yuen St",
    "ho king 4": "Office 4, 16/F Ho King Commercial Centre, 2-16 Fayuen St",
    "hollywood 19": "Room 1318-19, 13F Hollywood Plaza, 610 Nathan Rd",
    "hollywood 20": "Room 1318-20, 13F Hollywood Plaza, 610 Nathan Rd",
}
ELSEWHERE = [
    ("FLAT D, 16TH FLOOR, ONE CAPITAL PLACE, 18 LUARD ROAD, WANCHAI, HONG KONG", {"one capital"}),
    ("Unit 1604, 16/F, One Capital Place, 18 Luard Road", set()),
    ("Unit 704, 7/F., Bright Way Tower, 33 Mong Kok Road, Kowloon", {"bright way"}),
    ("Rm 4, 7/F, 33 Mongkok Road", {"bright way"}),
    ("Unit 04, 17/F Bright Way Tower, 33 Mong Kok Rd", set()),
    ("Unit C, 19/F, Lockhart Centre, 301-307 Lockhart Road, Wan Chai", {"lockhart"}),
    ("Room 19D, Lockhart Centre, 301-307 Lockhart Road", set()),
    ("Rm. 803, 8/F, Chevalier House, 45-51 Chatham Road South, Tsim Sha Tsui", {"chevalier"}),
    ("Room 804 Chevalier House, 45-51 Chatham Rd South", set()),
    ("Chevalier House, 45-51 Chatham Rd South", set()),
    ("Flat/RM 2309, 23/F, Ho King COMM Center, 2-16 Fa Yuen Street, Mongkok KLN", {"ho king 2309"}),
    ("ROOM 2309 HO KING COMMERCIAL CENTRE 2-16 FA YUEN STREET MONGKOK", {"ho king 2309"}),
    ("Flat/RM 1510A, 15/F Ho King COMM Ctr, 2-16 Fa Yuen Street", set()),
    ("Unit 1604, Ho King Commercial Centre, 2-16 Fa Yuen St", {"ho king 4"}),
    ("Office 14, 16/F Ho King Commercial Centre, 2-16 Fayuen St", set()),
    ("Room 1318, 13/F, Hollywood Plaza, 610 Nathan Road, Mongkok", {"hollywood 19", "hollywood 20"}),
    ("Room 1320, 13/F, Hollywood Plaza, 610 Nathan Road, Mongkok", {"hollywood 20"}),
    ("Room 1317, 13/F, Hollywood Plaza, 610 Nathan Road, Mongkok", set()),
    ("Room 1321, 13/F, Hollywood Plaza, 610 Nathan Road, Mongkok", set()),
    ("Room 1318, Hollywood Centre, 77-91 Queen's Road West", set()),
]

ONE_UNIT = [
    ("Unit 2401 A, Park-In Commercial Centre, 56 Dundas Street", "Kowloon", "HK",
     "Unit 2401A, 24/F Park-In Commercial Centre, 56 Dundas Street, Mongkok, Kowloon", None, "HK"),
    ("Suite 704, 135 Bonham Strand, Sheung Wan", None, "HK", "Rm 704, 7/F, 135 Bonham Strand", None, "HK"),
    ("Rm 4, 7/F, Tung Hip Comm Bldg, 244-248 Des Voeux Rd Central", None, "HK",
     "ROOM 704 TUNG HIP COMMERCIAL BUILDING, 244-248 DES VOEUX ROAD CENTRAL", None, "HK"),
    ("10 Anson Road, #08-15 International Plaza, Singapore 079903", None, "SG",
     "10 ANSON RD #08-15 INTERNATIONAL PLAZA", None, "SG"),
    ("Suite 210, 1201 N Market St, Wilmington", "Wilmington", "US",
     "1201 N. Market Street, Suite 210", "WILMINGTON", "US"),
    ("Room 1007, Block C2, Galaxy Century Bldg., CaiTian Rd.", "Shenzhen", "CN",
     "RM 1007 10/F BLOCK C2 GALAXY CENTURY BUILDING", "Shenzhen", "CN"),
    ("Room K, 5/F, Winner Factory Building No. 55 Hung To Road", None, "HK",
     "Unit K, 5/F, 55 Hung To Road", None, "HK"),
    ("P.O. Box 3444, Road Town, Tortola", None, "VG", "PO BOX 3444, ROAD TOWN, TORTOLA", None, "VG"),
    ("Unit B1-B3, 21/F, Block B, Kong Nam Industrial Building, 603-609 Castle Peak Road", None, "HK",
     "Unit B2, 21/F, Block B, Kong Nam Ind. Bldg, 603-609 Castle Peak Rd", None, "HK"),
]  # fmt: skip

TWO_UNITS = [
    ("Room 5, 3/F, Block A, Hoplite Industrial Centre, 3-5 Wang Tai Road", None, "HK",
     "Room 5, 3/F, Block B, Hoplite Industrial Centre, 3-5 Wang Tai Road", None, "HK"),
    ("Suite 210, 1201 N Market St", "Wilmington", "US", "Suite 210, 1201 N Market St", "Philadelphia", "US"),
    ("Room 803, International Building, 5 Main Street", None, "HK",
     "Room 803, International Building, 5 Main Street", None, "SG"),
    ("P.O. Box 3444, Road Town, Tortola", None, "VG", "P.O. Box 344, Road Town, Tortola", None, "VG"),
    ("#08-15 International Plaza, 10 Anson Road", None, "SG", "#08-16 International Plaza, 10 Anson Road", None, "SG"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "shared_with"), ELSEWHERE)
def test_an_address_meets_the_listed_entries_of_its_unit_and_no_other(address, shared_with):
    keys = set(address_keys(address, None, "HK").unit_keys)
    met = {name for name, entry in LISTED.items() if keys & set(address_keys(entry, None, "HK").unit_keys)}
    assert met == shared_with


@pytest.mark.parametrize("entry", LISTED.values())
def test_every_listed_entry_is_read_down_to_the_unit(entry):
    assert address_keys(entry, None, "HK").unit_keys


@pytest.mark.parametrize(("left", "left_city", "left_country", "right", "right_city", "right_country"), ONE_UNIT)
def test_one_unit_written_in_two_ways_shares_a_key(left, left_city, left_country, right, right_city, right_country):
    one, other = address_keys(left, left_city, left_country), address_keys(right, right_city, right_country)
    assert set(one.unit_keys) & set(other.unit_keys)


@pytest.mark.parametrize(("left", "left_city", "left_country", "right", "right_city", "right_country"), TWO_UNITS)
def test_two_units_never_share_a_key(left, left_city, left_country, right, right_city, right_country):
    one, other = address_keys(left, left_city, left_country), address_keys(right, right_city, right_country)
    assert one.unit_keys
    assert other.unit_keys
    assert not set(one.unit_keys) & set(other.unit_keys)


@pytest.mark.parametrize(
    "address", ["", None, "HONG KONG", "Kowloon", "71-75 Shelton Street, London", "16/F One Capital Place"]
)
def test_an_address_without_a_unit_has_no_unit_keys(address):
    assert address_keys(address, "London", "GB").unit_keys == ()


def test_without_a_country_nothing_is_claimed():
    assert address_keys("Room 803 Chevalier House, 45-51 Chatham Rd South", "Kowloon", None) == NOTHING


@given(st.text(max_size=300), st.none() | st.text(max_size=30), st.none() | st.sampled_from(["HK", "GB", "sg", "��"]))
def test_any_text_gives_a_bounded_answer_twice_the_same(address, city, country):
    keys = address_keys(address, city, country)
    assert keys == address_keys(address, city, country)
    assert len(keys.unit_keys) <= 200


def test_endless_and_hostile_text_is_read_in_bounded_time():
    for text in (
        "1" * 1_000_000,
        "room " * 200_000,
        "a b " * 200_000,
        "\x00" * 1000,
        "1-" * 100_000,
        "'; drop table x; --",
    ):
        assert len(address_keys(text, None, "HK").unit_keys) <= 200


def test_most_hong_kong_addresses_of_the_real_entity_list_are_read_down_to_the_unit(shared_data):
    path = shared_data / "lists" / "us_bis" / "EntityList_bis_csv_2023-12-07.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = {(row["Address"], row["City"]) for row in csv.DictReader(file) if row["Country"] == "Hong Kong"}
    read = [address for address, city in found if address and address_keys(address, city, "HK").unit_keys]
    assert len(found) > 170
    assert len(read) / len(found) > 0.8  # the rest name no unit, or no building
