"""The arrows between the packages, and the names that must not hide one another."""

import ast
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
MUST_NOT_IMPORT = {
    "resolution": {"flows", "warehouse", "review", "prefect", "benchmarks"},
    "warehouse": {"flows", "resolution", "review", "prefect", "dedupe", "benchmarks"},
    "review": {"flows", "prefect", "benchmarks"},
    "flows": {"benchmarks"},
}


def imported(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write it absolute"
            yield (node.module or "").split(".")[0], node.lineno


@pytest.mark.parametrize("package", sorted(MUST_NOT_IMPORT))
def test_a_package_imports_only_what_the_design_allows(package: str) -> None:
    paths = sorted((REPOSITORY / package).rglob("*.py"))
    assert paths
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{line} imports {name}"
        for path in paths
        for name, line in imported(path)
        if name in MUST_NOT_IMPORT[package]
    ]
    assert not wrong, "\n".join(wrong)


def test_flow_files_do_not_hide_an_importable_package() -> None:
    """Prefect puts flows/ first on sys.path: flows/dedupe.py would hide dedupe itself."""
    taken = set(sys.stdlib_module_names) | {"resolution", "warehouse", "review", "flows", "tests", "benchmarks"}
    taken |= set(importlib.metadata.packages_distributions()) - {"flows"}
    ours = {path.stem for path in (REPOSITORY / "flows").glob("*.py")} - {"__init__"}
    assert not ours & taken


@pytest.mark.parametrize("name", ["refresh", "train"])
def test_flow_files_define_flows_and_nothing_else(name: str) -> None:
    """Loaded as `refresh` and as `flows.refresh` a file is two modules; a class in it would be two classes."""
    tree = ast.parse((REPOSITORY / "flows" / f"{name}.py").read_text(encoding="utf-8"))
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [node.name for node in definitions] == [name]


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "helpers", "common", "core", "base", "manager", "misc"}
    modules = [path for package in MUST_NOT_IMPORT for path in (REPOSITORY / package).rglob("*.py")]
    assert not [str(path) for path in modules if path.stem in vague]


def test_no_test_folder_is_a_package() -> None:
    assert not list((REPOSITORY / "tests").rglob("__init__.py"))
