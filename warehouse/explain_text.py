"""An explanation as lines of text; whoever prints them makes control characters harmless."""

from typing import Any

from warehouse.walk import Tree


def as_lines(found: Tree) -> list[str]:
    """The tree of ``explain`` for a terminal, one fact a line, indented by depth."""
    writers = {"lead": _lead, "entity": _entity, "record": _record, "shipment": _shipment}
    return writers[found["kind"]](found, "")


def _lead(found: Tree, pad: str) -> list[str]:
    lead = found["lead"]
    lines = [
        f"{pad}lead {found['id']}: {lead['name']} ({lead['country'] or 'country unknown'}),"
        f" {lead['band']}, rank {lead['rank']}",
        f"{pad}  {_synthetic(lead)}{lead['disclaimer']} Bits are uncalibrated. As of {lead['as_of']},"
        f" configuration {lead['config_version']}.",
        f"{pad}  linkage {lead['linkage_bits']:.2f} bits, diversion {lead['diversion_bits']:.2f} bits,"
        f" opacity {_bits(lead['opacity_bits'])} ({lead['opacity_state']}),"
        f" speaking against it {lead['exculpation_bits']:.2f} bits",
        "",
    ]
    indicator = None
    for row in found["evidence"]:
        if row["indicator"] != indicator:
            indicator = row["indicator"]
            against = " (speaks against the lead)" if row["speaks_against"] else ""
            lines.append(f"{pad}  {indicator}{against}: {row['sentence']}")
        lines.append(f"{pad}    {row['shows']}  [{row['row_id']}]")
        lines += _source_row(row["source_row"], pad + "      ")
    lines += _other_indicators(found["indicators"], pad + "  ")
    lines += ["", *_entity(found["entity"], pad, brief=True)]
    if found["listed_party"]:
        lines += ["", f"{pad}the listed party:", *_entity(found["listed_party"], pad + "  ", brief=True)]
    return lines


def _other_indicators(indicators: list[Tree], pad: str) -> list[str]:
    rest = [row for row in indicators if row["state"] != "fired"]
    lines = [f"{pad}{row['indicator']}: {row['state'].replace('_', ' ')}. {row['why']}" for row in rest]
    innocent = [
        f"{pad}  {row['innocent_explanation']}"
        for row in indicators
        if row["state"] == "fired" and row["innocent_explanation"]
    ]
    return lines + ([f"{pad}what else it may mean:", *innocent] if innocent else [])


def _entity(found: Tree, pad: str, *, brief: bool = False) -> list[str]:
    entity = found["entity"]
    lines = [
        f"{pad}entity {found['id']}: {_synthetic(entity)}{entity['name']} ({entity['country'] or 'country unknown'}),"
        f" {entity['record_count']} record(s) of {', '.join(entity['sources'])}"
    ]
    if entity["incorporation_date"] or entity["dissolution_date"]:
        formed, gone = entity["incorporation_date"] or "?", entity["dissolution_date"]
        lines.append(f"{pad}  formed {formed}" + (f", dissolved {gone}" if gone else ""))
    for listing in found["listings"]:
        until = f" until {listing['delisted_date']}" if listing["delisted_date"] else ""
        lines.append(
            f"{pad}  listed: {listing['list_name']}, from {listing['listed_date'] or 'an unknown day'}{until}"
            f" ({listing['authority'] or 'authority not stated'})"
        )
    if found["lead_id"] and not brief:
        lines.append(f"{pad}  lead {found['lead_id']}")
    for pair in found["held_together_by"][:10]:
        lines.append(
            f"{pad}  one entity: {pair['left_record_id']} and {pair['right_record_id']},"
            f" probability {pair['match_probability']:.2f}: {pair['why']}"
        )
    for record in found["records"]:
        lines += _record(record, pad + "  ", brief=brief)
    if not brief:
        for tie in found["ties"]:
            lines.append(f"{pad}  tie: {tie['tie_kind']} with {tie['name']} [{tie['entity_id']}]: {tie['why']}")
        for row in found["indicators"]:
            lines.append(f"{pad}  {row['indicator']}: {row['state'].replace('_', ' ')}. {row['why']}")
        for event in found["events"]:
            lines.append(f"{pad}  {event['event']}: {event['reason']}")
    return lines


def _record(found: Tree, pad: str, *, brief: bool = False) -> list[str]:
    record = found["record"]
    number = f", number {record['registration_number']}" if record["registration_number"] else ""
    lines = [
        f"{pad}record {found['id']}: {_synthetic(record)}{record['name']} ({record['jurisdiction'] or '?'}{number})"
    ]
    if not brief:
        lines.append(f"{pad}  entity {found['entity_id'] or 'none: not a company'}")
        lines += [f"{pad}  name ({row['name_kind'].replace('_', ' ')}): {row['name']}" for row in found["names"]]
        lines += [f"{pad}  {row['identifier_kind']}: {row['identifier']}" for row in found["identifiers"]]
        for listing in found["listings"]:
            lines.append(f"{pad}  listed: {listing['list_name']}, from {listing['listed_date'] or 'an unknown day'}")
        for pair in found["pairs"][:10]:
            lines.append(
                f"{pad}  compared with {pair['name']} [{pair['record_id']}]:"
                f" same company {pair['match_probability']:.2f},"
                f" names alike {pair['name_likeness']:.2f} ({pair['name_path']}); {pair['why']}"
            )
    lines += [f"{pad}  address: {row['address']} ({row['country'] or '?'})" for row in found["addresses"]]
    for row in found["source_rows"]:
        lines += _source_row(row, pad + "  ")
    return lines


def _shipment(found: Tree, pad: str) -> list[str]:
    shipment = found["shipment"]
    lines = [f"{pad}shipment {found['id']}: {_synthetic(shipment)}{shipment['direction']}, {shipment['shipment_date']}"]
    lines += [f"{pad}  {row['role']}: {row['name']} [{row['record_id']}]" for row in found["parties"]]
    lines += [f"{pad}  goods: {row['hs_code'] or '?'} {row['description'] or ''}" for row in found["goods"]]
    for row in found["source_rows"]:
        lines += _source_row(row, pad + "  ")
    return lines


def _source_row(row: Tree, pad: str) -> list[str]:
    if "path" not in row:
        return [f"{pad}from: no landed file is known"]
    missing = "" if row["is_file_there"] in {True, None} else " (no longer in the data directory)"
    lines = [
        f"{pad}from {row['path']}, line {row['line']}{missing}",
        f"{pad}  sha256 {row['sha256']}, pulled {row['retrieved_at']} from {row['retrieved_from']}",
    ]
    published = {name: value for name, value in (row["row"] or {}).items() if str(value).strip()}
    if published:
        lines.append(f"{pad}  as published: " + "; ".join(f"{name}={value}" for name, value in published.items()))
    return lines


def _bits(bits: float | None) -> str:
    return "unknown" if bits is None else f"{bits:.2f} bits"


def _synthetic(row: dict[str, Any]) -> str:
    return "[SYNTHETIC] " if row.get("is_synthetic") else ""
