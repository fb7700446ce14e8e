"""What must hold of the repository as a whole."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parent.parent


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := REPOSITORY / name).exists()]


def test_no_file_is_over_five_megabytes() -> None:
    assert not [str(path) for path in tracked() if path.stat().st_size > 5 * 1024 * 1024]


def test_the_lock_file_carries_hashes_and_no_index_address() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert not re.search(r"^--(extra-)?index", lock, re.M)
    for block in re.split(r"\n(?=\S)", lock.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize(
    ("package", "pattern"),
    [
        ("prefect", r"3\.8\."),
        ("fastapi", r"0\.1[34]\d\.|0\.150\."),
        ("dedupe", r"3\.0\.3"),
        ("btrees", r"6\.[0-4]"),
        ("duckdb", r"1\.5\."),
    ],
)
def test_the_lock_file_pins_what_is_known_to_work(package: str, pattern: str) -> None:
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(rf"^{package}=={pattern}", lock, re.M)


def test_the_lock_file_holds_every_dependency() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    locked = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)==", lock, re.M)}
    names = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", entry)[0]).lower() for entry in wanted}
    assert names <= locked, names - locked


def test_every_deployment_names_an_entrypoint_that_exists() -> None:
    deployments = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for deployment in deployments:
        file, _, function = deployment["entrypoint"].partition(":")
        assert re.search(rf"^def {function}\(", (REPOSITORY / file).read_text(encoding="utf-8"), re.M)


def test_every_decision_record_says_context_choice_and_reasons() -> None:
    records = sorted((REPOSITORY / "docs" / "decisions").glob("[0-9][0-9][0-9][0-9]-*.md"))
    assert records
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert {"## Context", "## Choice", "## Reasons"} <= set(re.findall(r"^## \w+", text, re.M)), record.name
