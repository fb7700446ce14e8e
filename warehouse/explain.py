"""Walk from a lead, entity, record or shipment back to the lines of the landed files.

The answer is a tree of plain dictionaries and lists, fit for JSON. Every leaf is a source row: the landed file with
its SHA-256, the line, and the row as it was published.
"""

from pathlib import Path

import duckdb

from warehouse.explain_text import as_lines
from warehouse.walk import Tree, Walk

__all__ = ["as_lines", "explain"]


def explain(con: duckdb.DuckDBPyConnection, identifier: str, data_dir: Path | None = None) -> Tree:
    """Explain what ``identifier`` names in an attached release (``open_release``).

    ``identifier`` is a lead id, an entity's canonical id, a record id or a shipment id. ``data_dir`` is where landed
    files are looked for, by default the one the release lies in.

    Raises:
        LookupError: the release knows no such id; says what became of a canonical id that is gone.
    """
    walk = Walk(con, data_dir or _data_directory(con))
    for kind, table, column in (
        ("lead", "mart.lead", "lead_id"),
        ("entity", "resolved.entity", "entity_id"),
        ("record", "core.company_record", "record_id"),
        ("shipment", "core.shipment", "shipment_id"),
    ):
        if walk.one(f"select 1 as found from {table} where {column} = ?", identifier):
            tree: Tree = getattr(walk, kind)(identifier)
            return tree
    raise LookupError(_not_found(walk, identifier))


def _data_directory(con: duckdb.DuckDBPyConnection) -> Path | None:
    row = con.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()
    return Path(row[0]).parent.parent if row and row[0] else None


def _not_found(walk: Walk, identifier: str) -> str:
    told = walk.all(
        "select * from resolved.cluster_event where other_canonical_id = ? order by all limit 5", identifier
    )
    became = "".join(f"; {e['event']}: {e['canonical_id']} ({e['reason']})" for e in told)
    return (
        f"expected the id of a lead, entity, record or shipment, found nothing named {identifier!r} in the current"
        f" release{became}; look a name up with: from match_company('…')"
    )
