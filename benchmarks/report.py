"""Figures as Markdown tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from resolution.scoring import Model


@dataclass(frozen=True)
class Row:
    """One line of a table: what was measured, the figure, its interval (or nothing), and peers' figures."""

    measure: str
    value: str
    interval: str = ""
    peers: str = ""


def figure(value: float) -> str:
    """Three decimals: more than these samples can tell."""
    return f"{value:.3f}"


def span(bounds: tuple[float, float]) -> str:
    """An interval."""
    return f"{bounds[0]:.3f}-{bounds[1]:.3f}"


def table(rows: Iterable[Row]) -> str:
    """Rows as a Markdown table."""
    lines = ["| measure | value | 95 % interval | peers |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {r.measure} | {r.value} | {r.interval} | {r.peers} |" for r in rows)])


def write_report(path: Path, model: Model, sections: Sequence[tuple[str, str, Sequence[Row]]]) -> None:
    """docs/benchmarks.md from (name, meaning, rows) of each part."""
    evaluation = ", ".join(f"{key} {value}" for key, value in model.manifest.get("evaluation", {}).items())
    text = [
        "# How right it is",
        "",
        "Made by `python -m benchmarks.accuracy --data ../shared/data`. None of the data measured here is trained",
        "on; the default model is made by `python -m benchmarks.train_default_model` from redistributable lists",
        "and registers and from misspellings of their names. Peers' figures were measured on the same files.",
        "*Same* means the same legal entity here; PATSTAT's truth is applicants, in places whole groups.",
        "",
        f"Model `{model.model_id}`; on held-out families of its own training world: {evaluation}.",
    ]
    for name, meaning, rows in sections:
        text += ["", f"## {name}", "", f"{meaning}.", "", table(rows)]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
