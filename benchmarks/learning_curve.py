"""What judgements add to the default model, on data they were not made from."""

import csv
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.report import Row, figure
from resolution.evaluation import b_cubed, calibration_error, cluster_pairs, pairs_judged
from resolution.learning.judged import read_dedupe_training
from resolution.learning.questions import uncertain_pairs
from resolution.learning.train import train
from resolution.resolve import resolve
from resolution.schema import JUDGEMENTS
from resolution.score import score
from resolution.scoring import Model

FOLDS = 5
JUDGED = 100


def factories(data: Path, model: Model) -> list[Row]:
    """OAR: train on four fifths of the judged factories, measure on the rest, five times over."""
    judgements = read_dedupe_training(data / "benchmarks/oar/training.json")
    judgements = judgements.filter(pa.array([r["left_shown"] != r["right_shown"] for r in judgements.to_pylist()]))
    truth = np.array([j == "same" for j in judgements["judgement"].to_pylist()])
    fold = np.random.default_rng(0).permutation(len(truth)) % FOLDS
    default = shown_probability(judgements, model)
    trained, kept = np.zeros(len(truth)), 0
    for f in range(FOLDS):
        training = train(judgements.filter(pa.array(fold != f)), base=model)
        kept += training.report["kept"] == "trained"
        test = fold == f
        trained[test] = shown_probability(judgements.filter(pa.array(test)), training.model)
    rows = []
    for name, probability, peers in (("default model", default, "fuzzy .735"), ("trained, held out", trained, "")):
        judged = pairs_judged(probability, truth, model.threshold)
        rows.append(Row(f"F1, {name}", figure(judged.f1), "", peers))
        rows.append(Row(f"log loss in bits, {name}", figure(log_loss(probability, truth))))
        rows.append(Row(f"calibration error, {name}", figure(calibration_error(probability, truth, 5))))
    return [*rows, Row("folds in which the trained model was kept", f"{kept} of {FOLDS}")]


def simulated_judgements(data: Path, model: Model) -> list[Row]:
    """PATSTAT: 100 uncertain pairs judged by the truth; the other pairs are scored before and after."""
    truth_of: dict[str, str] = {}
    with (data / "benchmarks/patstat/patstat_orgs_clusters.csv").open(encoding="utf-8", newline="") as file:
        for r in csv.DictReader(file):
            truth_of.setdefault(r["name_raw"], r["true_cluster"])
    names = list(truth_of)
    truth = np.array([truth_of[n] for n in names])
    records = pa.table({"record_id": [f"{i:05d}" for i in range(len(names))], "name": names})
    before = resolve(records, model=model)
    asked = uncertain_pairs(before.scored_pairs, JUDGED)
    judgements = _judge(asked, names, truth)
    training = train(judgements, base=model, corpus=records)
    rows = [Row("judgements: same / different", f"{training.report['same']} / {training.report['different']}")]
    rows.append(Row("kept", training.report["kept"]))
    for name, found in (
        ("no judgements", before),
        ("trained model, judgements not used as constraints", resolve(records, model=training.model)),
        ("trained model and constraints", resolve(records, model=training.model, judgements=judgements)),
    ):
        labels = np.unique(found.members["canonical_id"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
        pairwise, cubed = cluster_pairs(labels, truth).f1, b_cubed(labels, truth).f1
        rows.append(Row(f"pairwise F1 / B-cubed F1, {name}", f"{figure(pairwise)} / {figure(cubed)}"))
    return rows


def shown_probability(judgements: pa.Table, model: Model) -> npt.NDArray[np.float32]:
    """Probability of each judged pair by its shown records, in the order of ``judgements``."""
    sides = {
        f"{field}{ending}": [json.loads(s).get(field) for s in judgements[f"{side}_shown"].to_pylist()]
        for side, ending in (("left", "_l"), ("right", "_r"))
        for field in ("name", "address", "country")
    }
    return score(pa.table(sides), model=model)["probability"].to_numpy()


def log_loss(probability: npt.NDArray[np.floating], truth: npt.NDArray[np.bool_]) -> float:
    """Bits per pair."""
    return float(-np.mean(np.log2(np.where(truth, probability, 1.0 - probability))))


def _judge(asked: pa.Table, names: list[str], truth: npt.NDArray[np.str_]) -> pa.Table:
    rows = []
    for pair in asked.select(["left_record_id", "right_record_id"]).to_pylist():
        left, right = int(pair["left_record_id"]), int(pair["right_record_id"])
        said = "same" if truth[left] == truth[right] else "different"
        shown = {f"{side}_shown": json.dumps({"name": names[i]}) for side, i in (("left", left), ("right", right))}
        rows.append({**pair, **shown, "judgement": said})
    return pa.Table.from_pylist(rows, schema=JUDGEMENTS)
