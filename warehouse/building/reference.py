"""Reference data: what the models compare against, kept as dated CSV files with a contract each.

Every threshold, goods list, control date and indicator description is a row of ``warehouse/reference/*.csv``
(lines that begin with ``#`` are comments), so that a change of policy is a change of data.
"""

from pathlib import Path

import duckdb

from warehouse.building.contract import ContractError, enforce, qualified, read_contract
from warehouse.building.stage import OnStage, Stage, Stopwatch
from warehouse.connection import quote_identifier

REFERENCE = Path(__file__).parent.parent / "reference"


def load_reference(
    con: duckdb.DuckDBPyConnection, on_stage: OnStage | None = None, *, folder: Path = REFERENCE
) -> list[Stage]:
    """Load every CSV file that has a contract beside it into ``reference.<file name>``.

    Raises:
        ContractError: a file whose columns, types or key are not as promised.
    """
    con.execute("create schema if not exists reference")
    stages = []
    for path in sorted(folder.glob("*.csv")):
        if not path.with_suffix(".toml").exists():
            continue  # read by the loader, not by models
        watch = Stopwatch(f"reference.{path.stem}")
        stages.append(watch.done(con, _load(con, path), on_stage=on_stage))
    return stages


def _load(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    table = f"reference.{path.stem}"
    contract = read_contract(path.with_suffix(".toml"), table)
    casts = ", ".join(
        f"cast({quote_identifier(name)} as {kind}) as {quote_identifier(name)}"
        for name, (kind, _) in contract.columns.items()
    )
    try:
        con.execute(
            f"create or replace table {qualified(table)} as select {casts}"
            " from read_csv($path, header = true, all_varchar = true, comment = '#', delim = ',', quote = '\"')",
            {"path": str(path)},
        )
    except duckdb.Error as error:
        raise ContractError(f"{path} does not hold what its contract promises: {error}") from error
    enforce(con, contract)
    row = con.execute(f"select count(*) from {qualified(table)}").fetchone()
    return row[0] if row else 0
