"""The schemas and fixed tables a build starts with."""

from pathlib import Path

import duckdb

SCHEMA_FOLDER = Path(__file__).parent.parent / "schema"


def create_schemas(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``meta``, ``staging`` (from `warehouse/schema/*.sql`) and an empty ``raw`` in a new build file."""
    for path in sorted(SCHEMA_FOLDER.glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))
    con.execute("create schema if not exists raw")
