"""A tiny world for whole runs: the quickstart's synthetic sources, in seconds."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
SYNTHETIC = REPOSITORY / "examples" / "quickstart" / "synthetic"

TINY = """
data_directory = "data"
memory_limit = "1GB"
as_of = 2026-11-24

[sources.synthetic_entity_list]
definition = "us_bis_entity_list"
is_synthetic = true
is_required = true
address = {{ entity_list = "{world}/entity_list.csv" }}
minimum_rows = {{ entity_list = 1 }}

[sources.synthetic_companies]
definition = "hk_companies"
is_synthetic = true
address = {{ company = "{world}/companies.parquet" }}

[sources.synthetic_manifest]
definition = "us_cbp_ams"
is_synthetic = true
address = {{ "*" = "{world}/ams" }}
"""


@pytest.fixture
def tiny_settings(tmp_path: Path) -> Path:
    """A settings file in a folder of its own, with the synthetic sources and a data directory beside it."""
    path = tmp_path / "settings.toml"
    path.write_text(TINY.format(world=SYNTHETIC.as_posix()), encoding="utf-8")
    return path


Brassplate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def brassplate(tmp_path: Path) -> Brassplate:
    """Run the command line as a user would, in a process of its own."""

    def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "flows.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
            timeout=300,
            **options,  # type: ignore[call-overload]
        )

    return run
