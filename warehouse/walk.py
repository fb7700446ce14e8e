"""One walk through a release: from a thing down to the source rows it rests on."""

from pathlib import Path
from typing import Any

import duckdb

from warehouse.connection import quote_identifier

Tree = dict[str, Any]
"""A tree of plain dictionaries and lists, fit for JSON."""

_MOST = 50  # of pairs, ties or statements shown in one place


class Walk:
    """One walk through one release; each method answers with the tree below one thing."""

    def __init__(self, con: duckdb.DuckDBPyConnection, data_dir: Path | None) -> None:
        self._con = con
        self._data_dir = data_dir

    def lead(self, lead_id: str) -> Tree:
        lead = self.one("select * from mart.lead where lead_id = ?", lead_id)
        evidence = self.all(
            "select indicator, position, sentence, speaks_against, shows, table_name, row_id, file_id, line"
            " from mart.lead_evidence where lead_id = ? order by speaks_against, indicator, position",
            lead_id,
        )
        for row in evidence:
            row["source_row"] = self.source_row(row.pop("file_id"), row.pop("line"))
        return {
            "kind": "lead",
            "id": lead_id,
            "lead": lead,
            "evidence": evidence,
            "indicators": self._indicators(lead["entity_id"]),
            "entity": self.entity(lead["entity_id"]),
            "listed_party": self.entity(lead["listed_entity_id"]) if lead["listed_entity_id"] else None,
        }

    def entity(self, entity_id: str) -> Tree:
        records = self.all(
            "select record_id from resolved.cluster_member where canonical_id = ? order by record_id limit ?",
            entity_id,
            _MOST,
        )
        return {
            "kind": "entity",
            "id": entity_id,
            "entity": self.one("select * from resolved.entity where entity_id = ?", entity_id),
            "lead_id": self.one("select lead_id from mart.lead where entity_id = ?", entity_id).get("lead_id"),
            "listings": self.all("select * from resolved.entity_listing where entity_id = ? order by all", entity_id),
            "records": [self.record(row["record_id"]) for row in records],
            "held_together_by": self.all(
                "select p.left_record_id, p.right_record_id, p.match_probability, p.name_likeness, p.name_path, p.why"
                " from resolved.scored_pair p"
                " join resolved.cluster_member l on l.record_id = p.left_record_id and l.canonical_id = $1"
                " join resolved.cluster_member r on r.record_id = p.right_record_id and r.canonical_id = $1"
                " order by p.match_probability desc, p.left_record_id, p.right_record_id limit $2",
                entity_id,
                _MOST,
            ),
            "ties": self.all(
                "select if(left_entity_id = $1, right_entity_id, left_entity_id) as entity_id,"
                " if(left_entity_id = $1, right_name, left_name) as name, tie_kind, strength, path, why,"
                " left_record_id, right_record_id, shipment_id, support_count"
                " from mart.network_tie where left_entity_id = $1 or right_entity_id = $1"
                " order by strength desc, entity_id, tie_kind limit $2",
                entity_id,
                _MOST,
            ),
            "indicators": self._indicators(entity_id),
            "events": self.all("select * from resolved.cluster_event where canonical_id = ? order by all", entity_id),
        }

    def record(self, record_id: str) -> Tree:
        member = self.one(
            "select canonical_id, probability from resolved.cluster_member where record_id = ?", record_id
        )
        statements = self.all(
            "select distinct file_id, line from ("
            + " union all ".join(
                f"select file_id, line from core.{table} where record_id = $1"
                for table in ("company_record", "record_name", "record_address", "record_identifier", "listing")
            )
            + ") order by file_id, line limit $2",
            record_id,
            _MOST,
        )
        return {
            "kind": "record",
            "id": record_id,
            "record": self.one("select * from core.company_record where record_id = ?", record_id),
            "entity_id": member.get("canonical_id"),
            "membership_probability": member.get("probability"),
            "names": self.all(
                "select name, name_kind, language from core.record_name where record_id = ? order by all", record_id
            ),
            "addresses": self.all(
                "select address, city, country, address_kind, unit_keys from core.record_address"
                " where record_id = ? order by file_id, line, address",
                record_id,
            ),
            "identifiers": self.all(
                "select identifier_kind, identifier, country from core.record_identifier"
                " where record_id = ? order by all",
                record_id,
            ),
            "listings": self.all(
                "select list_name, programme, authority, listed_date, delisted_date, is_address_entry, remarks"
                " from core.listing where record_id = ? order by listed_date, list_name",
                record_id,
            ),
            "pairs": self._pairs(record_id),
            "source_rows": [self.source_row(row["file_id"], row["line"]) for row in statements],
        }

    def shipment(self, shipment_id: str) -> Tree:
        statements = self.all(
            "select distinct file_id, line from ("
            + " union all ".join(
                f"select file_id, line from core.{table} where shipment_id = $1"
                for table in ("shipment", "shipment_party", "shipment_goods")
            )
            + ") order by file_id, line limit $2",
            shipment_id,
            _MOST,
        )
        return {
            "kind": "shipment",
            "id": shipment_id,
            "shipment": self.one("select * from core.shipment where shipment_id = ?", shipment_id),
            "parties": self.all(
                "select p.role, p.side, p.record_id, r.name, m.canonical_id as entity_id"
                " from core.shipment_party p left join core.company_record r using (record_id)"
                " left join resolved.cluster_member m using (record_id)"
                " where p.shipment_id = ? order by p.role, p.record_id",
                shipment_id,
            ),
            "goods": self.all(
                "select hs_code, description, quantity, quantity_unit, weight_kg, value_usd from core.shipment_goods"
                " where shipment_id = ? order by file_id, line, hs_code",
                shipment_id,
            ),
            "watched_goods": self.all(
                "select * from core.controlled_goods where shipment_id = ? order by all", shipment_id
            ),
            "source_rows": [self.source_row(row["file_id"], row["line"]) for row in statements],
        }

    def source_row(self, file_id: int, line: int) -> Tree:
        """The landed file, the line and the row as it was published (``row`` is ``None`` where raw was not kept)."""
        file = self.one(
            "select source, source_table, path, sha256, address as retrieved_from, retrieved_at, licence"
            " from meta.source_file where file_id = ?",
            file_id,
        )
        if not file:
            return {"file_id": file_id, "line": line, "row": None}
        path = self._data_dir / file["path"] if self._data_dir else None
        return {
            **file,
            "line": line,
            "is_file_there": path.is_file() if path else None,
            "row": self._published_row(f"{file['source']}__{file['source_table']}", file_id, line),
        }

    def _published_row(self, table: str, file_id: int, line: int) -> Tree | None:
        known = self.one(
            "select 1 as found from duckdb_tables() where schema_name = 'raw' and table_name = ?"
            " and database_name = current_database()",
            table,
        )
        if not known:
            return None
        row = self.one(f"select * from raw.{quote_identifier(table)} where file_id = ? and line = ?", file_id, line)
        return {name: value for name, value in row.items() if name not in {"file_id", "line"} and value is not None}

    def _indicators(self, entity_id: str) -> list[Tree]:
        return self.all(
            "select s.indicator, i.axis, s.state, s.value, s.threshold, s.weight, s.why, i.innocent_explanation"
            " from mart.indicator_state s join reference.indicator i using (indicator)"
            " where s.entity_id = ? order by array_position(['fired', 'not_checkable', 'clear'], s.state), s.indicator",
            entity_id,
        )

    def _pairs(self, record_id: str) -> list[Tree]:
        return self.all(
            "select o.record_id, r.name, r.source, o.match_probability, o.name_likeness, o.name_path, o.why from ("
            " select right_record_id as record_id, * exclude (left_record_id, right_record_id)"
            " from resolved.scored_pair where left_record_id = $1"
            " union all select left_record_id, * exclude (left_record_id, right_record_id)"
            " from resolved.scored_pair where right_record_id = $1"
            ") o left join core.company_record r using (record_id)"
            " order by o.match_probability desc, o.name_likeness desc, o.record_id limit $2",
            record_id,
            _MOST,
        )

    def one(self, query: str, *values: object) -> Tree:
        """The first row by column name, or an empty dictionary."""
        return next(iter(self.all(query, *values)), {})

    def all(self, query: str, *values: object) -> list[Tree]:
        answer = self._con.execute(query, list(values))
        columns = [column[0] for column in answer.description]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
