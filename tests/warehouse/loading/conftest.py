"""A tiny world: one definition, a few files in their true format, loaded into a build in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from warehouse.landing import PullResult, pull
from warehouse.loading import LoadReport, create_schemas, load_source
from warehouse.loading.declaration import Source, Table
from warehouse.loading.definition import load_definition

HEAD = 'title = "Tiny"\npublisher = "Nobody"\nlicence = "none"\nschedule = "by hand"\n'
FIRST_DAY = datetime(2026, 1, 1, 6, tzinfo=UTC)


@dataclass
class World:
    """A folder with a definition, landed files and a build."""

    folder: Path
    con: duckdb.DuckDBPyConnection
    days: int = 0

    def define(self, toml: str, name: str = "tiny_source") -> Source:
        path = self.folder / f"{name}.toml"
        path.write_text(HEAD + toml, encoding="utf-8")
        return load_definition(path)

    def pull(self, source: Source, files: Mapping[str, bytes]) -> PullResult:
        """Land files by name, each call a day later than the last."""
        delivered = self.folder / f"delivered-{self.days}"
        delivered.mkdir()
        for name, content in files.items():
            (delivered / name).write_bytes(content)
        self.days += 1
        at = FIRST_DAY + timedelta(days=self.days)
        return pull(source, self.folder / "landing", {"*": str(delivered)}, now=at)

    def load(self, source: Source, pulled: PullResult) -> LoadReport:
        return load_source(self.con, source, pulled, self.folder)

    def make(self, toml: str, files: Mapping[str, bytes], name: str = "tiny_source") -> LoadReport:
        """Define, pull and load in one go."""
        source = self.define(toml, name)
        return self.load(source, self.pull(source, files))

    def empty(self) -> None:
        """Start over with an empty build."""
        self.con.close()
        self.con = duckdb.connect(config={"threads": 2})
        create_schemas(self.con)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.con.execute(sql).fetchall()

    def reasons(self) -> list[tuple[int | None, str]]:
        """(line, reason) of every rejected row and cell."""
        return self.con.execute("select line, reason from meta.rejected_row order by all").fetchall()


@pytest.fixture
def world(tmp_path: Path) -> World:
    con = duckdb.connect(config={"threads": 2})
    create_schemas(con)
    return World(tmp_path, con)


@pytest.fixture
def table() -> Callable[..., Table]:
    """A table declaration with the given keys."""

    def declare(**keys: object) -> Table:
        return Table.model_validate({"format": "csv", **keys})

    return declare
