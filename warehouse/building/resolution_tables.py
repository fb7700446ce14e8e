"""Take what resolution decided into the file: one table each, under contract."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from warehouse.building.contract import enforce, qualified, read_contract
from warehouse.building.model import MODELS
from warehouse.building.stage import OnStage, Stage, Stopwatch
from warehouse.connection import quote_identifier

REQUIRED = ("scored_pair", "cluster_member", "cluster_event", "judgement")


def write_resolution(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], on_stage: OnStage | None = None
) -> list[Stage]:
    """Write ``resolved.scored_pair``, ``cluster_member``, ``cluster_event``, ``judgement`` and any other table given.

    Keys of ``tables`` are those names; the four are required (an empty table where nothing happened), others, such
    as ``blocking_report``, are stored as they come.

    Raises:
        ValueError: a required table is missing; names all that are.
        ContractError: columns, types or key other than promised.
    """
    missing = [name for name in REQUIRED if name not in tables]
    if missing:
        raise ValueError(f"expected the tables {', '.join(REQUIRED)}, found no {', '.join(missing)}")
    con.execute("create schema if not exists resolved")
    return [_write(con, name, table, on_stage) for name, table in tables.items()]


def _write(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table, on_stage: OnStage | None) -> Stage:
    watch = Stopwatch(f"resolved.{name}")
    target = qualified(f"resolved.{name}")
    con.register("arriving_table", table)
    try:
        columns = ", ".join(quote_identifier(column) for column in table.column_names)
        con.execute(f"create or replace table {target} as select {columns} from arriving_table")
    finally:
        con.unregister("arriving_table")
    path = MODELS / "resolved" / f"{name}.toml"
    if path.exists():
        enforce(con, read_contract(path, f"resolved.{name}"))
    return watch.done(con, table.num_rows, on_stage=on_stage)
