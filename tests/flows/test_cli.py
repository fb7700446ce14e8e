"""The command line: help, exit codes, and the three commands for anybody's own files."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from flows.cli import app, exit_code
from flows.console import harmless, plain

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
DOCS = Path(__file__).parent.parent.parent


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    callback = next(c.callback for c in app.registered_commands if (c.name or c.callback.__name__) == command)
    assert "**Examples**" in (callback.__doc__ or "")
    assert f"`brassplate {command}" in (callback.__doc__ or "")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_or_the_docs(command: str) -> None:
    pages = [DOCS / "README.md", *(DOCS / "docs").glob("*.md")]
    assert any(f"brassplate {command}" in page.read_text(encoding="utf-8") for page in pages)


def test_resolve_writes_a_cluster_for_every_row_in_input_order(tmp_path: Path, brassplate: Callable) -> None:
    records = tmp_path / "records.csv"
    records.write_text(
        "name,country\nZorvane Microdevices Co. Ltd,HK\nUnrelated Bakery GmbH,DE\n"
        "ZORVANE MICRODEVICES COMPANY LIMITED,HK\n,\n😀😀,\n" + "x" * 10_000 + ",\n",
        encoding="utf-8",
    )
    done = brassplate("resolve", records, "-o", tmp_path / "clusters.csv", "--json")
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path / "clusters.csv")
    assert [row["record_id"] for row in found] == ["1", "2", "3", "4", "5", "6"]
    assert found[0]["cluster_id"] == found[2]["cluster_id"]
    assert len({row["cluster_id"] for row in found}) == 5
    assert all(0 <= float(row["probability"]) <= 1 for row in found)
    assert json.loads(done.stdout)["clusters"] == 5


def test_score_keeps_the_input_columns_and_adds_its_own(tmp_path: Path, brassplate: Callable) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        'id,name_l,name_r\n7,Zorvane Microdevices Co. Ltd,Zorvane Microdevices Limited\n8,"Alpha, Inc.",Omega BV\n',
        encoding="utf-8",
    )
    done = brassplate("score", pairs, "-o", tmp_path / "scored.csv")
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path / "scored.csv")
    assert list(found[0]) == ["id", "name_l", "name_r", "probability", "is_match", "why"]
    assert [row["id"] for row in found] == ["7", "8"]
    assert [row["is_match"] for row in found] == ["true", "false"]
    assert found[1]["name_l"] == "Alpha, Inc."
    assert all(row["why"] for row in found)


def test_score_takes_columns_under_other_names_and_leaves_them_as_they_were(
    tmp_path: Path, brassplate: Callable
) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("left,right\nZorvane Ltd,Zorvane Limited\n", encoding="utf-8")
    done = brassplate("score", pairs, "-o", tmp_path / "s.csv", "--map", "name_l=left", "--map", "name_r=right")
    assert done.returncode == 0, done.stderr
    assert list(rows(tmp_path / "s.csv")[0]) == ["left", "right", "probability", "is_match", "why"]


def test_screen_finds_names_across_spellings(tmp_path: Path, brassplate: Callable) -> None:
    queries, names = tmp_path / "queries.csv", tmp_path / "names.csv"
    queries.write_text("record_id,name\nq1,Zorvane Micro Devices Ltd\n", encoding="utf-8")
    names.write_text(
        "reg_no,name_en,name_zh\n1,ZORVANE MICRODEVICES LIMITED,\n2,OTHER TRADING LIMITED,其他貿易有限公司\n"
        "3,=ZORVANE MICRODEVICE LIMITED,\n",
        encoding="utf-8",
    )
    done = brassplate(
        "screen", queries, "--against", names, "--name-column", "name_en", "--name-column", "name_zh",
        "--id-column", "reg_no", "--top", 2, "-o", tmp_path / "hits.csv",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path / "hits.csv")
    assert list(found[0]) == ["query_id", "rank", "record_id", "name", "probability", "why"]
    assert [row["rank"] for row in found] == [str(n) for n in range(1, len(found) + 1)]
    assert found[0]["query_id"] == "q1"
    assert found[0]["record_id"] in {"1", "3"}
    assert not any(row["name"].startswith("=") for row in found)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["resolve", "absent.csv", "-o", "x.csv"], "expected a file at absent.csv"),
        (["resolve", "README.md", "-o", "/nonexistent/x.csv", "--map", "colour=red"], "unknown field 'colour'"),
        (["explain", "x", "-d", "/tmp/no-such-place"], "expected a published release"),
    ],
)
def test_a_wrong_request_ends_in_one_message_and_exit_code_2(
    brassplate: Callable, arguments: list[str], told: str
) -> None:
    done = brassplate(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_train_learns_from_a_training_file_and_makes_the_model_current(
    tmp_path: Path, brassplate: Callable, shared_data: Path
) -> None:
    training = shared_data / "benchmarks" / "oar" / "training.json"
    done = brassplate("train", "-d", tmp_path, "--judgements", training, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["judgements"] == 112
    assert told["same"] > 40
    assert told["different"] > 60
    assert told["kept"] in {"trained", "default"}
    current = tmp_path / "models" / "current.json"
    assert current.resolve() == Path(told["path"]).resolve()
    assert json.loads(current.read_text(encoding="utf-8"))["terms"]


def test_text_from_strangers_cannot_steer_the_terminal_or_the_markup() -> None:
    hostile = "Evil\x1b[2J [bold]Co\u202e dtL\x07"
    assert "\x1b" not in harmless(hostile)
    assert "\u202e" not in harmless(hostile)
    assert "\\[bold]" in plain(hostile)


def test_unforeseen_errors_keep_their_traceback() -> None:
    assert exit_code(ZeroDivisionError()) is None
    assert exit_code(typer.Exit()) is None
