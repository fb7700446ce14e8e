"""Tiny builds to publish: real files, real processes, nothing pretended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.connection import open_build
from warehouse.publishing.release import begin_release, publish

SCHEMA = Path(__file__).parents[3] / "warehouse" / "schema"


@pytest.fixture
def publish_number(tmp_path: Path) -> Callable[..., Path]:
    """Publish a release whose table ``mart.answer`` holds one number."""

    def publish_it(run_id: str, number: int, keep: int = 5) -> Path:
        path = begin_release(tmp_path, run_id)
        con = open_build(path, memory_limit="500MB")
        con.execute((SCHEMA / "meta.sql").read_text(encoding="utf-8"))
        con.execute("create schema mart")
        con.execute("create table mart.answer as select $1::integer as number", [number])
        return publish(con, path, tmp_path, run_id, keep=keep)

    return publish_it
