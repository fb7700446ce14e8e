"""Macros for analysts: questions asked so often that they have a name, such as ``from cluster_of('hk:1447829')``."""

from pathlib import Path

import duckdb

from warehouse.building.contract import ContractError
from warehouse.building.model import MODELS
from warehouse.connection import quote_identifier, quote_literal

MACROS = MODELS / "mart" / "macros"


def create_macros(con: duckdb.DuckDBPyConnection, *, folder: Path = MACROS) -> list[str]:
    """Create every macro of ``models/mart/macros``; the comment that opens a file becomes the macro's.

    Returns the names. Parameters begin with ``p_``: a macro's parameter hides a column of the same name.

    Raises:
        ContractError: a file without an opening comment.
    """
    names = []
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        said = [line.removeprefix("--").strip() for line in lines[: _comment_length(lines)]]
        if not said:
            raise ContractError(f"expected a comment at the top of {path} that says what the macro answers")
        con.execute(text)
        con.execute(f"comment on macro table mart.{quote_identifier(path.stem)} is {quote_literal(' '.join(said))}")
        names.append(path.stem)
    return names


def _comment_length(lines: list[str]) -> int:
    return next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
