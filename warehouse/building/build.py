"""Build layers of tables from their models, each checked against its contract as soon as it exists."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from warehouse.building.address import register_address_functions
from warehouse.building.contract import enforce, qualified
from warehouse.building.macro import create_macros
from warehouse.building.model import (
    LAYERS,
    MODELS,
    Model,
    ModelError,
    in_build_order,
    read_models,
    tables_filled_elsewhere,
)
from warehouse.building.reference import REFERENCE, load_reference
from warehouse.building.stage import OnStage, Stage, Stopwatch
from warehouse.connection import quote_identifier

# Words of a name as indicators count them: no accents, no punctuation, single letters also as one word (H.M. is hm).
_NAME_WORDS = r"""
create or replace temp macro name_words(p_name) as (
    list_distinct(list_filter(
        list_append(
            string_split_regex(lower(strip_accents(p_name)), '[^\p{L}\p{N}]+'),
            array_to_string(list_filter(
                string_split_regex(lower(strip_accents(p_name)), '[^\p{L}\p{N}]+'), lambda w: length(w) = 1), '')),
        lambda w: w <> ''))
)
"""


def build_models(
    con: duckdb.DuckDBPyConnection,
    layers: Sequence[str],
    parameters: Mapping[str, Any],
    on_stage: OnStage | None = None,
    *,
    folder: Path = MODELS,
) -> list[Stage]:
    """Build every model of ``layers`` in the order their reads demand; returns one stage per table.

    Some tables have a contract but no select, because another stage fills them (``write_resolution``). While they
    are absent, the models of their layer that rest on them wait; they are built with the first later layer that
    needs them.

    ``parameters`` are bound by name where a select asks for them; the bundled models want ``as_of`` (a date).
    ``config_version`` is added: a fingerprint of the reference files and of the models of the indicators.
    Reference tables are loaded first where the file has none yet. Each table is created in one statement, so a
    run killed in between leaves whole tables only.

    Raises:
        ModelError: unknown table, cycle, missing parameter, or a select DuckDB refuses (table and reason named).
        ContractError: a table that does not keep its promise.
    """
    stages = []
    if not _has_schema(con, "reference"):
        stages += load_reference(con, on_stage)
    ordered = in_build_order(_to_build(con, layers, folder), _tables(con))
    bound = {"config_version": config_version(), **parameters}
    _refuse_missing_parameters(ordered, bound)
    register_address_functions(con)
    con.execute(_NAME_WORDS)
    for layer in sorted({model.layer for model in ordered}):
        con.execute(f"create schema if not exists {quote_identifier(layer)}")
    for model in ordered:
        watch = Stopwatch(model.table)
        _create(con, model, bound)
        enforce(con, model.contract)
        stages.append(watch.done(con, _count(con, model), on_stage=on_stage))
    if "mart" in layers and folder == MODELS:
        create_macros(con)
    return stages


def config_version(folder: Path = MODELS, reference: Path = REFERENCE) -> str:
    """Twelve hex digits that change when a threshold, a goods list, a date or an indicator changes."""
    digest = hashlib.sha256()
    for path in sorted(
        [*reference.glob("*.csv"), *(folder / "indicator").glob("*.sql"), *(folder / "mart").glob("*.sql")]
    ):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _to_build(con: duckdb.DuckDBPyConnection, layers: Sequence[str], folder: Path) -> list[Model]:
    everything = {model.table: model for layer in LAYERS for model in read_models(layer, folder)}
    existing = _tables(con)
    absent = tables_filled_elsewhere(folder) - existing
    waiting = _resting_on(absent, everything.values())
    wanted = [model for model in everything.values() if model.layer in layers]
    filled_layers = {table.split(".")[0] for table in absent}
    ready = [model for model in wanted if not (model.table in waiting and model.layer in filled_layers)]
    if stuck := sorted(model.table for model in ready if model.table in waiting):
        raise ModelError(
            f"expected {', '.join(sorted(absent))} to be written before {', '.join(stuck)}; run resolution first"
        )
    chosen = {model.table: model for model in ready}
    unread = list(ready)
    while unread:
        for table in unread.pop().reads - existing - chosen.keys():
            if table in everything:
                chosen[table] = everything[table]
                unread.append(everything[table])
    return list(chosen.values())


def _resting_on(absent: Iterable[str], models: Iterable[Model]) -> set[str]:
    waiting, everything = set(absent), list(models)
    while more := {model.table for model in everything if model.reads & waiting} - waiting:
        waiting |= more
    return waiting


def _create(con: duckdb.DuckDBPyConnection, model: Model, bound: Mapping[str, Any]) -> None:
    kind = model.contract.materialization
    if kind == "view" and model.parameters:
        raise ModelError(f"{model.table} is a view but wants bound values; DuckDB cannot bind in a view")
    values = {name: bound[name] for name in model.parameters}
    try:
        con.execute(f"create or replace {kind} {qualified(model.table)} as {model.select}", values)
    except duckdb.Error as error:
        raise ModelError(f"{model.table} could not be built: {error}") from error


def _refuse_missing_parameters(models: Sequence[Model], bound: Mapping[str, Any]) -> None:
    missing = {f"{m.table} wants ${name}" for m in models for name in m.parameters if name not in bound}
    if missing:
        raise ModelError(f"expected values to bind, found only {sorted(bound)}: " + "; ".join(sorted(missing)))


def _tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    rows = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()"
        " union all select schema_name || '.' || view_name from duckdb_views()"
        " where database_name = current_database() and not internal"
    ).fetchall()
    return {name for (name,) in rows}


def _has_schema(con: duckdb.DuckDBPyConnection, schema: str) -> bool:
    found = con.execute(
        "select 1 from duckdb_schemas() where schema_name = ? and database_name = current_database()", [schema]
    ).fetchone()
    return found is not None


def _count(con: duckdb.DuckDBPyConnection, model: Model) -> int | None:
    if model.contract.materialization == "view":
        return None  # counting would run the view
    row = con.execute(f"select count(*) from {qualified(model.table)}").fetchone()
    return row[0] if row else None
