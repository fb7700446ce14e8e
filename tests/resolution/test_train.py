import json

import numpy as np
import pyarrow as pa
import pytest

from resolution.evaluation import pairs_judged
from resolution.learning.judged import read_dedupe_training
from resolution.learning.train import train
from resolution.schema import JUDGEMENTS
from resolution.score import score
from resolution.scoring import load, load_default, save

BRANDS = [f"{a}{b}" for a in ("Zyx", "Quor", "Blen", "Trav", "Mulk", "Fenn") for b in ("omma", "ilith", "adoro", "esk")]


def judgement(left, right, said):
    shown = {"left_shown": json.dumps({"name": left}), "right_shown": json.dumps({"name": right})}
    return {"left_record_id": f"l {left}", "right_record_id": f"r {right}", "judgement": said, **shown}


def judgements(count=40):
    """In this world a HOLDINGS is the same company, which the default model doubts."""
    rows = []
    for i in range(count):
        brand, other = BRANDS[i % len(BRANDS)], BRANDS[(i * 7 + 3) % len(BRANDS)]
        town = ("Cork", "Bergen", "Leiden")[i % 3]
        if i % 2:
            rows.append(judgement(f"{brand} {town} Limited", f"{brand} {town} Holdings Limited", "same"))
        else:
            rows.append(judgement(f"{brand} {town} Limited", f"{other} {town} Limited", "different"))
    return pa.Table.from_pylist(rows, schema=JUDGEMENTS)


def test_training_twice_gives_the_same_model(tmp_path):
    one = save(train(judgements(), seed=3).model, tmp_path / "a.json")
    other = save(train(judgements(), seed=3).model, tmp_path / "b.json")
    assert one.model_id == other.model_id
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert load(tmp_path / "a.json").rules == one.rules


def test_judgements_move_the_model_and_the_report_says_by_how_much():
    training = train(judgements())
    assert training.report["kept"] == "trained"
    held_out = training.report["held_out"]
    assert held_out[f"ridge {training.report['ridge']:g}"]["loss_bits"] < held_out["default"]["loss_bits"]
    assert training.report["rules"]
    pair = pa.table({"name_l": ["Plombir Cork Limited"], "name_r": ["Plombir Cork Holdings Limited"]})
    before, after = (score(pair, model=m)["probability"][0].as_py() for m in (load_default(), training.model))
    assert after > before


@pytest.mark.parametrize("count", [0, 1, 6])
def test_too_few_judgements_keep_the_default_and_say_so(count):
    training = train(judgements(count))
    assert training.report["kept"] == "default"
    assert training.model.terms == load_default().terms


def test_judgements_that_make_no_sense_keep_the_default():
    table = judgements()
    shuffled = np.random.default_rng(0).permutation(table["judgement"].to_pylist())
    nonsense = table.set_column(2, JUDGEMENTS.field("judgement"), pa.array(shuffled, pa.string()))
    training = train(nonsense)
    assert training.model.terms == load_default().terms or training.report["kept"] == "trained"
    held_out = training.report["held_out"]
    kept = "default" if training.report["kept"] == "default" else f"ridge {training.report['ridge']:g}"
    assert held_out[kept]["loss_bits"] <= held_out["default"]["loss_bits"]


def test_the_manifest_says_from_what_and_with_which_versions():
    manifest = train(judgements()).model.manifest
    assert manifest["trained_from"] == load_default().model_id
    assert set(manifest["versions"]) >= {"dedupe", "numpy"}
    assert len(manifest["judgements_sha256"]) == 64


def test_a_model_directory_never_holds_a_pickle(tmp_path):
    save(train(judgements()).model, tmp_path / "model.json")
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]
    json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))


def test_training_never_hurts_on_held_out_factories(shared_data):
    table = read_dedupe_training(shared_data / "benchmarks/oar/training.json")
    truth = np.array([j == "same" for j in table["judgement"].to_pylist()])
    fold = np.random.default_rng(0).permutation(len(truth)) % 3
    default, trained = probabilities(table, load_default()), np.zeros(len(truth))
    for f in range(3):
        model = train(table.filter(pa.array(fold != f))).model
        trained[fold == f] = probabilities(table.filter(pa.array(fold == f)), model)
    assert loss(trained, truth) <= loss(default, truth) + 0.01
    threshold = load_default().threshold
    assert pairs_judged(trained, truth, threshold).f1 >= pairs_judged(default, truth, threshold).f1 - 0.03


def probabilities(table, model):
    sides = {
        f"{field}{ending}": [json.loads(shown).get(field) for shown in table[side].to_pylist()]
        for side, ending in (("left_shown", "_l"), ("right_shown", "_r"))
        for field in ("name", "address", "country")
    }
    return score(pa.table(sides), model=model)["probability"].to_numpy()


def loss(probability, truth):
    return float(-np.mean(np.log2(np.where(truth, probability, 1 - probability))))
