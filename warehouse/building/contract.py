"""What a table promises: grain, key, columns, types, meanings. Checked at build, shown as comments.

A contract is a TOML file beside the select (or CSV file) it speaks of::

    grain = "one row per record: one company as stated once by one source"
    key = ["record_id"]
    materialization = "table"          # or "view"; default table

    [columns]
    record_id = { type = "varchar", meaning = "source and raw key" }
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connection import quote_identifier, quote_literal

_KEYS = {"grain", "key", "materialization", "columns"}


class ContractError(RuntimeError):
    """A contract cannot be read, or a table breaks it."""


@dataclass(frozen=True)
class Contract:
    """The promise of one table; ``columns`` maps a name to its DuckDB type and its meaning, in table order."""

    table: str
    grain: str
    key: tuple[str, ...]
    materialization: str
    columns: dict[str, tuple[str, str]]


def read_contract(path: Path, table: str) -> Contract:
    """Read the contract of ``schema.table``; all mistakes of the file are gathered and raised once."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContractError(f"expected the contract of {table} at {path}: {error}") from error
    faults = [f"unknown key {key!r}" for key in sorted(said.keys() - _KEYS)]
    faults += [f"missing key {key!r}" for key in ("grain", "key", "columns") if key not in said]
    columns: dict[str, tuple[str, str]] = {}
    for name, column in said.get("columns", {}).items():
        if not isinstance(column, dict) or column.keys() != {"type", "meaning"} or not column["meaning"].strip():
            faults.append(f"column {name!r} needs exactly a type and a meaning")
        else:
            columns[name] = (column["type"], column["meaning"])
    faults += [f"key column {name!r} is not among the columns" for name in said.get("key", []) if name not in columns]
    materialization = said.get("materialization", "table")
    if materialization not in {"table", "view"}:
        faults.append(f"materialization {materialization!r} is neither 'table' nor 'view'")
    if faults:
        raise ContractError(f"the contract {path} is not usable: " + "; ".join(faults))
    return Contract(table, said["grain"], tuple(said["key"]), materialization, columns)


def enforce(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Check the table against its contract, then write grain and meanings onto it as comments.

    Raises:
        ContractError: other columns, other types, an empty key cell or a key that occurs twice.
    """
    schema, name = contract.table.split(".")
    found = dict(
        con.execute(
            "select column_name, data_type from duckdb_columns()"
            " where schema_name = ? and table_name = ? and database_name = current_database()"
            " order by column_index",
            [schema, name],
        ).fetchall()
    )
    promised = {column: kind for column, (kind, _) in contract.columns.items()}
    faults = [f"column {c!r} is promised but missing" for c in promised if c not in found]
    faults += [f"column {c!r} is not in the contract" for c in found if c not in promised]
    faults += [
        f"column {c!r} should be {kind}, is {found[c]}"
        for c, kind in promised.items()
        if c in found and found[c].casefold() != kind.casefold()
    ]
    if not faults and list(found) != list(promised):
        faults.append(f"columns should come in the order {', '.join(promised)}")
    if faults:
        raise ContractError(f"{contract.table} breaks its contract: " + "; ".join(faults))
    if contract.key:
        _check_key(con, contract)
    con.execute("begin")  # one commit instead of one per comment
    _comment(con, contract)
    _enter_in_dictionary(con, contract)
    con.execute("commit")


def _check_key(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    table = qualified(contract.table)
    keys = ", ".join(quote_identifier(column) for column in contract.key)
    empty = " or ".join(f"{quote_identifier(column)} is null" for column in contract.key)
    missing = con.execute(f"select {keys} from {table} where {empty} limit 1").fetchone()
    if missing is not None:
        raise ContractError(
            f"{contract.table} breaks its contract: key ({', '.join(contract.key)}) is empty in {missing}"
        )
    # Hashes first: grouping wide text keys is several times slower, and equal keys always have equal hashes.
    suspect = con.execute(f"select hash({keys}) as h from {table} group by h having count(*) > 1 limit 1").fetchone()
    if suspect is None:
        return
    twice = con.execute(f"select {keys}, count(*) from {table} group by {keys} having count(*) > 1 limit 1").fetchone()
    if twice is not None:
        raise ContractError(
            f"{contract.table} breaks its contract:"
            f" key ({', '.join(contract.key)}) = {twice[:-1]} occurs {twice[-1]} times"
        )


def _comment(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    table = qualified(contract.table)
    kind = "view" if contract.materialization == "view" else "table"
    con.execute(f"comment on {kind} {table} is {quote_literal(contract.grain)}")
    for column, (_, meaning) in contract.columns.items():
        con.execute(f"comment on column {table}.{quote_identifier(column)} is {quote_literal(meaning)}")


def _enter_in_dictionary(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    schema, name = contract.table.split(".")
    con.execute("delete from meta.data_dictionary where schema_name = ? and table_name = ?", [schema, name])
    names, kinds, meanings = (
        list(contract.columns),
        [kind for kind, _ in contract.columns.values()],
        [meaning for _, meaning in contract.columns.values()],
    )
    con.execute(
        "insert into meta.data_dictionary select ?, ?, unnest(range(len(?::varchar[]))), unnest(?::varchar[]),"
        " unnest(?::varchar[]), unnest(?::varchar[]), ?",
        [schema, name, names, names, kinds, meanings, contract.grain],
    )


def qualified(table: str) -> str:
    """``schema.name`` with both parts quoted."""
    return ".".join(quote_identifier(part) for part in table.split(".", 1))
