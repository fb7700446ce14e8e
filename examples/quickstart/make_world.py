"""Write the quickstart's synthetic shipping world: invented companies in true source formats.

    python examples/quickstart/make_world.py [FOLDER]

Everything here is invented: names, addresses' units, listings, shipments. Control lists and a register of
this world are invented too, so that no real company is ever said to trade with, look like or share an
address with anybody made up. The settings file declares the sources synthetic; the mark travels to every
row, lead and export. Same script, same bytes.

What is planted, and what should come of it:

=====================================  ==================================================================
ZHENTAVO TECHNOLOGY LIMITED            look-alike formed 105 days after a listing, buys GPU servers
QORVEXA (HK) LIMITED                   look-alike formed 147 days after a listing
ORSEVIN SYSTEMS LIMITED                look-alike formed 111 days after a listing, first GPU imports
KESTRALUNE TRADE LIMITED               look-alike formed 55 days after a listing
ARDOVANE IMPORTS LLC                   buys from a listed party after its listing
PELLUCERA TRADE LIMITED                has its goods sent to a listed address
DROSSENE ELECTRONICS LIMITED           sits in the same unit as a listed party
MERIDOXA FOODS LIMITED                 innocent: a look-alike formed decades before the listing
CALVESTRA DATA CENTRES LIMITED         innocent: has imported servers since long before the control date
TOLMERIN PLASTICS LIMITED              innocent: same tower as a listed address, another suite
=====================================  ==================================================================
"""

import csv
import random
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20240601

BIS_COLUMNS = (
    "Source List,Entity Number,SDN Type,Programs,Name,Title,Address,City,State/Province,Postal Code,Country,"
    "Federal Register Notice,Effective Date,Date Lifted/Waived/Expired,Standard Order,License Requirement,"
    "License Policy,Call Sign,Vessel Type,Gross Tonnage,Gross Register Tonnage,Vessel Flag,Vessel Owner,"
    "Remarks/Notes,Address Number,Address Remarks,Alternate Number,Alternate Type,Alternate Name,"
    "Alternate Remarks,Web Link"
).split(",")

# name, address, city, country, effective date, alternate name
LISTED: tuple[tuple[str, str, str, str, date, str], ...] = (
    ("Zhentavo Microsystems Co., Ltd.", "No. 88 Invented Road", "Shenzhen", "China", date(2022, 10, 7), "振塔沃微系统有限公司"),
    ("Qorvexa Computing Institute", "17 Imagined Street", "Chengdu", "China", date(2021, 4, 8), "Qorvexa Institute"),
    ("Luminfar Navigation Research Center", "4 Proezd Vymyslov", "Zelenograd", "Russia", date(2022, 3, 3), "Люминфар"),
    ("Haldrune Aerospace Components JSC", "12 Fiction Embankment", "Samara", "Russia", date(2022, 6, 28), ""),
    ("Tabrizan Volta Electronics", "9 Madeup Avenue", "Tehran", "Iran", date(2019, 11, 13), "TVE Parts"),
    ("Orsevin Semiconductor Equipment Co., Ltd.", "301 Nowhere Park", "Wuxi", "China", date(2023, 10, 17), "奥瑟文半导体设备有限公司"),
    ("Kestralune Holdings Limited", "Flat/Rm 1712, 17/F, Imaginary Tower, 9 Dreamt Street, Kwun Tong", "Kowloon", "Hong Kong", date(2020, 12, 18), ""),
    ("Balvaro General Trading FZE", "Unit 5, Mirage Free Zone", "Sharjah", "United Arab Emirates", date(2023, 5, 19), ""),
    ("Meridoxa Logistics Limited", "Room 803, Pretended House, 45 Fable Road, Tsim Sha Tsui", "Kowloon", "Hong Kong", date(2021, 11, 26), ""),
    ("Sunwexel Data Technologies Co., Ltd.", "66 Unreal Avenue", "Beijing", "China", date(2023, 10, 17), "桑维克塞数据技术有限公司"),
    ("Address 01", "Room 2309, 23/F, Phantasm Commercial Centre, 2-16 Story Street, Mong Kok", "Kowloon", "Hong Kong", date(2023, 6, 12), ""),
    ("Address 02", "Suite 704, 135 Legend Strand, Sheung Wan", "Hong Kong", "Hong Kong", date(2023, 6, 12), ""),
)  # fmt: skip

# register number, English name, Chinese name, incorporated, dissolved
PLANTED: tuple[tuple[str, str, str, date, date | None], ...] = (
    ("9900001", "ZHENTAVO TECHNOLOGY LIMITED", "振塔沃科技有限公司", date(2023, 1, 20), None),
    ("9900002", "QORVEXA (HK) LIMITED", "", date(2021, 9, 2), None),
    ("9900003", "ORSEVIN SYSTEMS LIMITED", "奧瑟文系統有限公司", date(2024, 2, 5), None),
    ("9900004", "KESTRALUNE TRADE LIMITED", "", date(2021, 2, 11), None),
    ("9900005", "PELLUCERA TRADE LIMITED", "佩露塞拉貿易有限公司", date(2022, 8, 1), None),
    ("9900006", "DROSSENE ELECTRONICS LIMITED", "德羅森電子有限公司", date(2021, 5, 30), None),
    ("9900007", "MERIDOXA FOODS LIMITED", "", date(1998, 3, 9), None),
    ("9900008", "CALVESTRA DATA CENTRES LIMITED", "", date(2009, 6, 15), None),
    ("9900009", "TOLMERIN PLASTICS LIMITED", "", date(2001, 10, 22), None),
    ("9900010", "KESTRALUNE HOLDINGS LIMITED", "", date(2014, 4, 14), None),
    ("9900011", "MERIDOXA LOGISTICS LIMITED", "", date(2012, 1, 17), None),
)

IMAGINARY_TOWER = "FLAT/RM 1712, 17/F IMAGINARY TOWER"
PHANTASM_CENTRE = "PHANTASM COMMERCIAL CENTRE"

# consignee, address lines, country code, supplier, HS code, goods, first day, bills, days between
SCHEMES: tuple[tuple[str, tuple[str, ...], str, str, str, str, date, int, int], ...] = (
    ("ZHENTAVO TECHNOLOGY LIMITED", ("UNIT 6, 3/F SUPPOSED BUILDING", "KWAI CHUNG, HONG KONG"), "HK",
     "NORTHMERE SERVERS INC", "847330", "GPU SERVER PARTS HGX H100", date(2023, 4, 3), 9, 21),
    ("ORSEVIN SYSTEMS LIMITED", ("21/F CONJECTURE PLAZA", "WAN CHAI, HONG KONG"), "HK",
     "NORTHMERE SERVERS INC", "847150", "AI SERVER, 8 GPU", date(2024, 4, 8), 6, 18),
    ("ARDOVANE IMPORTS LLC", ("2100 FICTIONAL BLVD", "HOUSTON, TX 77002"), "US",
     "LUMINFAR NAVIGATION RESEARCH CENTER", "901420", "NAVIGATION INSTRUMENTS", date(2022, 9, 5), 5, 40),
    ("PELLUCERA TRADE LIMITED", ("ROOM 2309, 23/F " + PHANTASM_CENTRE, "2-16 STORY STREET, MONG KOK", "KOWLOON, HONG KONG"), "HK",
     "OPALVANE COMPONENTS CORP", "854231", "INTEGRATED CIRCUITS", date(2023, 9, 1), 7, 30),
    ("DROSSENE ELECTRONICS LIMITED", (IMAGINARY_TOWER, "9 DREAMT STREET, KWUN TONG", "KOWLOON, HONG KONG"), "HK",
     "OPALVANE COMPONENTS CORP", "854232", "MEMORY IC", date(2021, 8, 2), 8, 35),
    ("CALVESTRA DATA CENTRES LIMITED", ("1 HYPOTHESIS DRIVE", "TSEUNG KWAN O, HONG KONG"), "HK",
     "NORTHMERE SERVERS INC", "847150", "RACK SERVERS", date(2020, 2, 3), 26, 70),
    ("TOLMERIN PLASTICS LIMITED", ("ROOM 1105, 11/F " + PHANTASM_CENTRE, "2-16 STORY STREET, MONG KOK", "KOWLOON, HONG KONG"), "HK",
     "BRILLOMAR RESINS BV", "390120", "POLYETHYLENE RESIN", date(2020, 3, 2), 18, 90),
)  # fmt: skip

GOODS = (
    ("940360", "WOODEN FURNITURE"), ("611020", "COTTON KNITWEAR"), ("690721", "CERAMIC TILES"),
    ("950300", "TOYS"), ("392690", "PLASTIC HOUSEHOLD ARTICLES"), ("732690", "STEEL FITTINGS"),
    ("850440", "POWER SUPPLIES"), ("847160", "KEYBOARDS"), ("640399", "LEATHER SHOES"), ("210690", "FOOD PREPARATIONS"),
)  # fmt: skip
SYLLABLES = "bal cor dre fen gri hol jor kel lum mer nov orr pas quin ros sel tor ulm ver wen yal zor".split()
ENDINGS = "aro ande essa ivo oxa une erin ithe amar olla ovane umbra".split()
SECTORS = "TRADING TEXTILES FURNITURE HOMEWARE TOYS CERAMICS HARDWARE FOODS FOOTWEAR".split()
FORWARDERS = ("SKARVOLUNE IMAGINED FORWARDING LTD", "MERDALUNE MAKEBELIEVE FREIGHT INC")
NAME_WIDTH = 35  # the manifest cuts party names here


def main(folder: Path) -> None:
    """Write the whole world below ``folder``."""
    dice = random.Random(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    write_list(folder / "entity_list.csv")
    background = [invented_name(dice) for _ in range(240)]
    write_register(folder / "companies.parquet", dice, background[:160])
    write_manifest(folder / "ams", dice, background)


def invented_name(dice: random.Random) -> str:
    brand = dice.choice(SYLLABLES) + dice.choice(SYLLABLES) + dice.choice(ENDINGS)
    return f"{brand.upper()} {dice.choice(SECTORS)} LIMITED"


def write_list(path: Path) -> None:
    """The invented control list in the layout of the BIS Entity List export."""
    rows = []
    for name, address, city, country, effective, alternate in LISTED:
        row = dict.fromkeys(BIS_COLUMNS, "")
        row |= {
            "Source List": "EL", "Name": name, "Address": address, "City": city, "Country": country,
            "Federal Register Notice": "INVENTED FR 0001",
            "Effective Date": f"{effective.month}/{effective.day}/{effective.year}",
            "License Requirement": "For all items subject to the EAR.", "License Policy": "Presumption of denial.",
            "Remarks/Notes": "Synthetic entry; the party is invented.",
        }  # fmt: skip
        rows.append(row)
        if alternate:
            rows.append(row | {"Alternate Type": "aka", "Alternate Name": alternate})
    write_csv(path, BIS_COLUMNS, ([row[column] for column in BIS_COLUMNS] for row in rows))


def write_register(path: Path, dice: random.Random, names: Sequence[str]) -> None:
    """The invented register in the layout of the Hong Kong companies file."""
    rows = [
        (number, en, zh or None, str(formed), str(gone) if gone else None) for number, en, zh, formed, gone in PLANTED
    ]
    for position, name in enumerate(names):
        formed = date(1990, 1, 1) + timedelta(days=dice.randrange(12_000))
        rows.append((f"{9900100 + position}", name, None, str(formed), None))
    columns = list(zip(*rows, strict=True))
    table = pa.table(
        {
            "reg_no": pa.array(columns[0], pa.string()),
            "name_en": pa.array(columns[1], pa.string()),
            "name_zh": pa.array(columns[2], pa.string()),
            "incorporated": pa.array(columns[3], pa.string()),
            "dissolved": pa.array(columns[4], pa.string()),
            "company_type": pa.array(["Private, ltd by shares"] * len(rows), pa.string()),
        }
    )
    pq.write_table(table, path, compression="zstd")


PARTY_TAIL = [
    "city",
    "state_province",
    "zip_code",
    "country_code",
    "contact_name",
    "comm_number_qualifier",
    "comm_number",
]
AMS_COLUMNS = {
    "header": "identifier carrier_code vessel_country_code vessel_name port_of_unlading estimated_arrival_date "
    "foreign_port_of_lading_qualifier foreign_port_of_lading manifest_quantity manifest_unit weight weight_unit "
    "record_status_indicator place_of_receipt port_of_destination foreign_port_of_destination_qualifier "
    "foreign_port_of_destination conveyance_id_qualifier conveyance_id mode_of_transportation actual_arrival_date".split(),
    "billgen": "identifier master_bol_number house_bol_number sub_house_bol_number voyage_number bill_type_code "
    "manifest_number trade_update_date run_date".split(),
    "shipper": ["identifier", "shipper_party_name", *(f"shipper_party_address_{n}" for n in range(1, 5)), *PARTY_TAIL],
    "consignee": ["identifier", "consignee_name", *(f"consignee_address_{n}" for n in range(1, 5)), *PARTY_TAIL],
    "notifyparty": ["identifier", "notify_party_name", *(f"notify_party_address_{n}" for n in range(1, 5)), *PARTY_TAIL],
    "cargodesc": "identifier container_number description_sequence_number piece_count description_text".split(),
    "tariff": "identifier container_number description_sequence_number harmonized_number harmonized_value "
    "harmonized_weight harmonized_weight_unit".split(),
}  # fmt: skip


def write_manifest(folder: Path, dice: random.Random, names: Sequence[str]) -> None:
    """Bills of lading in the tables of the US vessel manifest, planted schemes among ordinary trade."""
    bills: list[tuple[date, str, tuple[str, ...], str, str, str, str]] = []
    for consignee, address, country, supplier, hs_code, goods, first, count, gap in SCHEMES:
        for number in range(count):
            day = first + timedelta(days=number * gap + dice.randrange(5))
            bills.append((day, consignee, address, country, supplier, hs_code, goods))
    suppliers, consignees = names[160:200], names[200:]
    for consignee in consignees:
        hs_code, goods = dice.choice(GOODS)
        usual = dice.sample(suppliers, 2)
        lines = (f"{dice.randrange(1, 900)} EXAMPLE ROAD", f"SAMPLETOWN, TX {dice.randrange(75000, 79999)}")
        for _ in range(dice.randrange(4, 20)):
            day = date(2020, 1, 6) + timedelta(days=dice.randrange(1_800))
            bills.append((day, consignee, lines, "US", dice.choice(usual), hs_code, goods))
    bills.sort()
    tables: dict[str, list[list[str]]] = {table: [] for table in AMS_COLUMNS}
    for number, bill in enumerate(bills):
        for table, row in bill_rows(f"{bill[0].year}{60_000_000 + number}", bill, dice).items():
            tables[table].append(row)
    folder.mkdir(exist_ok=True)
    for table, rows in tables.items():
        write_csv(folder / f"ams__{table}_2025__202506010000.csv", AMS_COLUMNS[table], rows)


def bill_rows(
    identifier: str, bill: tuple[date, str, tuple[str, ...], str, str, str, str], dice: random.Random
) -> dict[str, list[str]]:
    """One bill of lading as a row of each manifest table; parties are missing as often as they are in life."""
    day, consignee, address, country, supplier, hs_code, goods = bill
    weight = str(dice.randrange(200, 18_000))
    container = f"INVU{dice.randrange(1_000_000, 9_999_999)}"
    vessel = dice.choice(("INVENTED PIONEER", "INVENTED HARVEST", "INVENTED COMPASS"))
    foreign = "" if country == "US" else "58201"
    rows = {
        "header": [identifier, "INVL", "LR", vessel, "5301", str(day), "", "58309", "1", "PKG", weight, "Kilograms",
                   "New", "SAMPLE PORT", "", "", foreign, "", "", "Vessel, containerized", str(day)],
        "billgen": [identifier, f"INVL{identifier[-8:]}", "", "", f"{dice.randrange(100, 999)}W", "Simple Bill",
                    f"{dice.randrange(100_000, 999_999)}", str(day), str(day)],
        "consignee": party(identifier, consignee, address, country),
        "cargodesc": [identifier, container, "1", str(dice.randrange(1, 40)), goods],
        "tariff": [identifier, container, "1", hs_code, "", weight, "Kilograms"],
    }  # fmt: skip
    planted = not supplier.endswith("LIMITED")
    if planted or dice.random() > 0.2:
        rows["shipper"] = party(identifier, supplier, ("1 ORIGIN STREET", "SAMPLE CITY"), "")
    if dice.random() > 0.6:
        rows["notifyparty"] = party(identifier, dice.choice(FORWARDERS), ("10 QUAY ROAD", "SAMPLE PORT"), "")
    return rows


def party(identifier: str, name: str, address: Sequence[str], country: str) -> list[str]:
    lines = [*address, "", "", "", ""][:4]
    return [identifier, name[:NAME_WIDTH], *lines, "", "", "", country, "", "", ""]


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(list(columns))
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "synthetic")
