"""The records that the default model learns from, with their truth.

Companies come from data that may be redistributed: the UK register of overseas entities (OGL v3), GLEIF
(CC0), and the US Entity List and the non-Treasury part of the Consolidated Screening List (public domain).
OFAC names are left out, because the OFAC benchmark measures with them. Every company is stated once as its
source has it; many are stated again, misspelt, in manifests; some get siblings of the same brand and
namesakes elsewhere. Fields are present or missing at random. One seed decides everything.
"""

import csv
import gzip
import json
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.perturbations import GENERIC, misspell, sibling_name, split_form, state_place
from resolution.schema import RECORDS

SEED = 20_26
OVERSEAS_COUNT = 16_000
ELSEWHERE = ("HK", "CN", "AE", "SG", "GB", "US", "VG", "KY", "CY", "RU", "TR", "DE", "NL", "MY")
SHORT_PLACES = {"Virgin Islands, British": "BVI", "United Kingdom": "UK", "Hong Kong": "HK", "China": "PRC"}


@dataclass(frozen=True)
class Company:
    """One company as its source states it; ``entity`` is the truth."""

    entity: str
    names: tuple[str, ...]
    country: str | None
    address: str | None
    city: str | None = None
    registration_number: str | None = None
    lei: str | None = None
    phone: str | None = None
    domain: str | None = None
    from_register: bool = True


def training_world(data: Path, seed: int = SEED) -> tuple[pa.Table, list[str]]:
    """Records (resolution.schema.RECORDS) and the true entity of each, from the folder of source files."""
    random = Random(seed)
    companies = overseas(data)
    random.shuffle(companies)
    companies = companies[:OVERSEAS_COUNT] + gleif(data) + entity_list(data) + screening_list(data)
    brands = sorted({w for c in companies for w in c.names[0].upper().split() if _is_brand(w)})
    addresses = sorted((c.country or "", c.address) for c in companies if c.address)
    rows: list[dict[str, Any]] = []
    truth: list[str] = []

    def add(company: Company, name: str, others: tuple[str, ...], born: date, is_list: bool) -> None:
        row = _row(company, name, others, born, is_list, random)
        row["record_id"] = f"r{len(rows):06d}"
        rows.append(row)
        truth.append(company.entity)

    for known in companies:
        company = _with_contacts(known, random)
        born = date(1975, 1, 1) + timedelta(days=random.randrange(17_000))
        is_list = not company.from_register
        if random.random() < 0.4:
            add(company, company.names[0], company.names[1:], born, is_list)
        else:
            for name in company.names:
                add(company, name, (), born, is_list)
        if random.random() < 0.5:
            for _ in range(random.choice((1, 1, 2))):
                name = misspell(random.choice(company.names), random)
                place = _place(company, random)
                if place and random.random() < 0.15:
                    name = state_place(name, place, random)
                add(_moved(company, addresses, random), name, (), born, random.random() < 0.3)
        if random.random() < 0.3:
            for other in _others(company, random, brands):
                later = born + timedelta(days=random.randrange(-3_000, 6_000))
                add(other, other.names[0], (), min(later, date(2025, 1, 1)), random.random() < 0.15)
    return pa.Table.from_pylist(rows, schema=RECORDS), truth


def _with_contacts(company: Company, random: Random) -> Company:
    """The company with an invented LEI, phone and domain where it has none of its own."""
    word = re.sub(r"[^a-z]", "", company.names[0].lower())[:12] or "company"
    return replace(
        company,
        lei=company.lei or f"{random.randrange(10**17, 10**18)}00",
        phone=f"+{random.randrange(10**9, 10**11)}",
        domain=f"{word}{random.randrange(100)}.com",
    )


def _place(company: Company, random: Random) -> str:
    """A place to state with the name: the company's own city or country."""
    country = SHORT_PLACES.get(company.country or "", company.country or "")
    city = (company.city or "").split(",")[0].strip()
    places = [p for p in (city, country) if 2 <= len(p) <= 20 and not any(c.isdigit() for c in p)]
    return random.choice(places).upper() if places else ""


def _moved(company: Company, addresses: list[tuple[str, str]], random: Random) -> Company:
    """The company as another source has it: often at another address, now and then in another country or
    under a number of another register."""
    if random.random() < 0.3:
        country, address = random.choice(addresses)
        company = replace(company, address=address, city=None)
        if random.random() < 0.15:
            company = replace(company, country=country or company.country)
    if random.random() < 0.03:
        company = replace(company, country=random.choice(ELSEWHERE))
    if random.random() < 0.05:
        company = replace(company, registration_number=f"{random.randrange(10**6, 10**9)}")
    return company


def _others(company: Company, random: Random, brands: list[str]) -> list[Company]:
    """Siblings (same brand, often the same country, at times the same address) and namesakes (same name
    in another country)."""
    found = []
    for i in range(random.choice((1, 1, 2))):
        number = f"{random.randrange(10**7, 10**8)}"
        name, kind = sibling_name(company.names[0], random, brands)
        here = random.random() < (0.3 if kind == "place" else 0.75)
        same_address = here and random.random() < 0.35
        found.append(
            replace(
                company,
                entity=f"{company.entity}/sibling{i}",
                names=(name,),
                country=company.country if here else random.choice(ELSEWHERE),
                address=company.address if same_address else None,
                registration_number=number,
                lei=f"{random.randrange(10**17, 10**18)}00",
                phone=company.phone if random.random() < 0.3 else f"+{random.randrange(10**9, 10**11)}",
                domain=company.domain if random.random() < 0.5 else f"other{random.randrange(10**6)}.com",
                from_register=True,
            )
        )
    if random.random() < 0.1:
        name = company.names[0] if random.random() < 0.6 else split_form(company.names[0].upper())[0] + " LIMITED"
        elsewhere = random.choice([c for c in ELSEWHERE if c != company.country])
        found.append(Company(f"{company.entity}/namesake", (name,), elsewhere, None))
    return found


def _row(
    company: Company, name: str, others: tuple[str, ...], born: date, is_list: bool, random: Random
) -> dict[str, Any]:
    """One record; which fields it has is drawn once per record (a manifest has few, a register many)."""
    rich = random.choices((0, 1, 2, 3), (35, 25, 25, 15))[0]
    row: dict[str, Any] = {"name": name, "other_names": list(others), "source": "world"}
    if rich >= 1:
        row["country"] = company.country
    if rich >= 2 and company.address and random.random() < 0.85:
        row["address"] = _rewrite(company.address, random)
        row["city"] = company.city
        if random.random() < 0.6:
            row["postcode"] = _postcode(company.address)
    if rich == 3 or random.random() < 0.1:
        row["registration_number"] = company.registration_number
        row["country"] = company.country
        if random.random() < 0.5:
            row["lei"] = company.lei
    if rich >= 2 and random.random() < 0.3:
        row["phone"] = company.phone if random.random() < 0.85 else f"+{random.randrange(10**9, 10**11)}"
        row["website"] = company.domain if random.random() < 0.9 else f"new{random.randrange(10**6)}.com"
        row["email"] = f"{random.choice(('info', 'info', 'sales'))}@{company.domain}"
    if rich >= 1 and random.random() < 0.5:
        if is_list:
            row["known_since"] = min(born + timedelta(days=random.randrange(30, 9_000)), date(2026, 1, 1))
        else:
            row["incorporation_date"] = born if random.random() < 0.95 else born + timedelta(days=random.randrange(900))
    return row


def _postcode(address: str) -> str | None:
    """What looks like a postcode at the end of an address."""
    last = address.rsplit(",", 1)[-1].strip()
    return last if 4 <= len(last) <= 10 and any(c.isdigit() for c in last) else None


def _rewrite(address: str, random: Random) -> str:
    """The same address as another clerk writes it."""
    parts = [p.strip() for p in address.split(",") if p.strip()]
    kind = random.randrange(5)
    if kind == 0 and len(parts) > 2:
        parts.pop(random.randrange(len(parts) - 1))
    elif kind == 1:
        swaps = ((r"\bSTREET\b", "ST"), (r"\bROAD\b", "RD"), (r"\bBUILDING\b", "BLDG"), (r"\bFLOOR\b", "/F"))
        for pattern, short in swaps:
            parts = [re.sub(pattern, short, p, flags=re.IGNORECASE) for p in parts]
    elif kind == 2:
        return " ".join(parts).upper()
    return ", ".join(parts)


def overseas(data: Path) -> list[Company]:
    """The UK register of overseas entities; two numbers are two companies."""
    table = pq.read_table(data / "registries/gb/uk_ch_overseas_entities_2026-05.parquet").to_pylist()
    return [
        Company(
            "oe:" + r["company_number"],
            (r["name"].strip(),),
            (r["country_of_origin"] or "").title() or None,
            r["reg_address"],
            registration_number=r["company_number"],
        )
        for r in table
        if r["name"] and r["name"].strip()
    ]


def gleif(data: Path) -> list[Company]:
    """LEI records, with their other and transliterated names (automatic transliterations included)."""
    found: dict[str, Company] = {}
    with (data / "registries/gleif/lei_flat.csv").open(encoding="utf-8", newline="") as file:
        for r in csv.DictReader(file):
            found[r["lei"]] = Company(
                "lei:" + r["lei"],
                (r["legal_name"],),
                r["legal_country"] or None,
                ", ".join(p for p in (r["addr"], r["city"]) if p) or None,
                r["city"] or None,
                r["ra_entity_id"] or None,
                r["lei"],
            )
    path = next((data / "registries/gleif").glob("*gleif-goldencopy-lei2*.json"))
    for record in json.loads(path.read_text(encoding="utf-8"))["records"]:
        lei, entity = record["LEI"]["$"], record["Entity"]
        names = [entity["LegalName"]["$"]]
        for family in ("OtherEntityNames", "TransliteratedOtherEntityNames"):
            for kind in entity.get(family, {}).values():
                names += [n["$"] for n in kind if n.get("@type") != "PREVIOUS_LEGAL_NAME"]
        if lei in found:
            found[lei] = replace(found[lei], names=tuple(dict.fromkeys(names)))
    return [found[lei] for lei in sorted(found)]


def entity_list(data: Path) -> list[Company]:
    """The BIS Entity List: one company per name (it may sit in several countries), with its aliases."""
    found: dict[str, Company] = {}
    path = data / "lists/us_bis/EntityList_bis_csv_2023-12-07.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for r in csv.DictReader(file):
            name, country = r["Name"].strip(), r["Country"].strip()
            if not name or "�" in name:
                continue
            names = (name, *_aliases(r["Alternate Name"] or ""))
            key = name.upper()
            if key in found:
                names = tuple(dict.fromkeys((*found[key].names, *names)))
            found[key] = Company(
                f"el:{name.upper()}", names, country or None, r["Address"], r["City"], from_register=False
            )
    return [found[key] for key in sorted(found)]


def screening_list(data: Path) -> list[Company]:
    """Companies of the Consolidated Screening List that are neither Treasury's nor on the Entity List."""
    found = []
    with gzip.open(data / "lists/us_csl/consolidated_2022-04.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for r in csv.DictReader(file):
            if not re.search(r"Unverified|Military End User|Nonproliferation", r["source"]):
                continue
            address = r["addresses"].split(";")[0].strip()
            country = address[-2:] if re.search(r"(^|, )[A-Z]{2}$", address) else None
            found.append(
                Company(
                    f"csl:{r['_id']}",
                    (r["name"].strip(), *_aliases(r["alt_names"])),
                    country,
                    address[:-4] or None,
                    from_register=False,
                )
            )
    return found


def _aliases(cell: str) -> list[str]:
    """Aliases of a list cell, sub-units and remarks left out: they are not the company itself."""
    names = (re.sub(r"^and\s+", "", part.strip()).rstrip(" .") for part in cell.split(";"))
    return [n for n in names if 3 <= len(n) <= 120 and not re.search(r"[,(?]|a\.k\.a|located", n)]


def _is_brand(word: str) -> bool:
    return word.isalpha() and len(word) >= 4 and word not in GENERIC
