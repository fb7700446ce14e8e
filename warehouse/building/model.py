"""Models: one select per file, its path the table's name, its order found from what it reads."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from warehouse.building.contract import Contract, read_contract

MODELS = Path(__file__).parent.parent / "models"

LAYERS = ("meta", "raw", "staging", "reference", "core", "resolved", "indicator", "mart")
"""A model reads its own layer and those before it."""


class ModelError(RuntimeError):
    """A model cannot be read, ordered or built."""


@dataclass(frozen=True)
class Model:
    """One table to build: its select, its contract, the tables it reads and the values it wants bound."""

    table: str
    select: str
    contract: Contract
    reads: frozenset[str]
    parameters: frozenset[str]

    @property
    def layer(self) -> str:
        return self.table.split(".")[0]


def read_models(layer: str, folder: Path = MODELS) -> list[Model]:
    """Every model of a layer, by name; a select without a contract beside it is an error."""
    models = []
    for path in sorted((folder / layer).glob("*.sql")):
        table = f"{layer}.{path.stem}"
        select = path.read_text(encoding="utf-8").strip().rstrip(";")
        reads, parameters = _parse(select, path)
        models.append(Model(table, select, read_contract(path.with_suffix(".toml"), table), reads, parameters))
    return models


def tables_filled_elsewhere(folder: Path = MODELS) -> set[str]:
    """Tables that have a contract but no select: another stage of the run fills them."""
    return {
        f"{path.parent.name}.{path.stem}" for path in folder.glob("*/*.toml") if not path.with_suffix(".sql").exists()
    }


def in_build_order(models: Iterable[Model], existing: Iterable[str]) -> list[Model]:
    """Models ordered so that each comes after what it reads, the same order every time.

    ``existing`` names tables already in the file.

    Raises:
        ModelError: a cycle, a table nobody makes, or a layer that reads a later one; all unknown tables at once.
    """
    by_table = {model.table: model for model in models}
    known = set(existing) | by_table.keys()
    faults = []
    for model in by_table.values():
        for read in sorted(model.reads):
            if read not in known:
                faults.append(f"{model.table} reads {read}, which no model makes and the file does not have")
            elif _rank(read) > _rank(model.table):
                faults.append(f"{model.table} reads {read} of a later layer")
    if faults:
        raise ModelError("the models do not fit together: " + "; ".join(faults))
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for table in sorted(by_table):
        sorter.add(table, *sorted(by_table[table].reads & by_table.keys()))
    try:
        return [by_table[table] for table in sorter.static_order()]
    except CycleError as error:
        raise ModelError("expected an order of building, found a cycle: " + " -> ".join(error.args[1])) from error


def _rank(table: str) -> int:
    layer = table.split(".")[0]
    return LAYERS.index(layer) if layer in LAYERS else -1


def _parse(select: str, path: Path) -> tuple[frozenset[str], frozenset[str]]:
    answer = duckdb.execute("select json_serialize_sql(?)", [select]).fetchone()
    tree: dict[str, Any] = json.loads(answer[0]) if answer else {"error": True}
    if tree["error"]:
        raise ModelError(f"expected one select in {path}: {tree.get('error_message', 'it cannot be parsed')}")
    if len(tree["statements"]) != 1:
        raise ModelError(f"expected one select in {path}, found {len(tree['statements'])}")
    nodes = list(_walk(tree["statements"][0]))
    named = {entry["key"] for node in nodes if "cte_map" in node for entry in node["cte_map"]["map"]}
    reads = set()
    for node in nodes:
        if node.get("type") != "BASE_TABLE":
            continue
        if node["schema_name"]:
            reads.add(f"{node['schema_name']}.{node['table_name']}")
        elif node["table_name"] not in named:
            raise ModelError(f"expected schema.table in {path}, found {node['table_name']!r} without a schema")
    parameters = {n["identifier"] for n in nodes if n.get("class") == "PARAMETER" and "identifier" in n}
    return frozenset(reads), frozenset(parameters)


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _walk(part)
