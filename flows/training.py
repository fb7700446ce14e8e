"""From judgements to the model that the next refresh uses."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.settings import Settings
from flows.stages import CURRENT_MODEL, MODELS
from resolution.learning.judged import read_dedupe_training
from resolution.learning.train import train
from resolution.scoring.store import save
from review.judgements import read_standing
from review.serve import JUDGEMENTS
from warehouse.connection import open_release
from warehouse.publishing.release import current_release

CORPUS_ROWS = 20_000


@dataclass(frozen=True)
class TrainingOutcome:
    """Where the model is, and how it came about (``report``, as resolution.learning.train gives it)."""

    path: Path
    model_id: str
    report: dict[str, Any]

    def lines(self) -> list[str]:
        """The report for people: what was learned from, what was kept and why."""
        report = self.report
        lines = [
            f"judgements: {report['judgements']:,} (same {report['same']:,}, different {report['different']:,})",
            f"kept: the {report['kept']} model; {report['reason']}",
        ]
        for name, quality in report.get("held_out", {}).items():
            told = ", ".join(f"{measure} {value:.3f}" for measure, value in quality.items())
            lines.append(f"  held out, {name}: {told}")
        lines += [f"  learned blocking rule: {rule}" for rule in report.get("rules", [])]
        lines.append(f"model {self.model_id} written to {self.path}; the next refresh uses it")
        return lines


def train_model(settings: Settings, *, files: list[Path] | None = None, seed: int = 0) -> TrainingOutcome:
    """Train on the stored judgements and on ``files`` in dedupe's training format, and make the model current.

    Models are kept under ``models/`` in the data directory; ``models/current.json`` points to the one in use.
    Raises JudgementError when judgements cannot be read.
    """
    folder = settings.data_directory / MODELS
    tables = [read_standing(settings.data_directory / JUDGEMENTS), *map(read_dedupe_training, files or [])]
    training = train(pa.concat_tables(tables), corpus=_corpus(settings.data_directory), seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    path = folder / f"model-{stamp}.json"
    model = save(training.model, path)
    pointer = folder / f".{stamp}.link"
    pointer.symlink_to(path.name)
    pointer.replace(folder / CURRENT_MODEL)
    return TrainingOutcome(path, model.model_id, training.report)


def _corpus(data_directory: Path) -> pa.Table | None:
    """Records of the current release, for dedupe to price blocking rules with; the same sample every time."""
    if current_release(data_directory) is None:
        return None
    with closing(open_release(data_directory)) as release:
        return release.execute(
            "from resolved.resolution_input order by hash(record_id), record_id limit $rows", {"rows": CORPUS_ROWS}
        ).to_arrow_table()
