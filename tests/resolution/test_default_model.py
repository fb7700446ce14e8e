"""The shipped model on real cases of the field."""

import csv

import numpy as np
import pyarrow as pa
import pytest

from resolution.evaluation import pairs_judged
from resolution.score import score
from resolution.scoring import load_default
from resolution.scoring.model import comparison_names


def scored(*pairs, **fields):
    columns = {"name_l": [p[0] for p in pairs], "name_r": [p[1] for p in pairs]}
    return score(pa.table(columns | {k: [v] * len(pairs) for k, v in fields.items()})).to_pylist()


def probability(left, right, **fields):
    (row,) = scored((left, right), **fields)
    return row["probability"]


def test_the_default_model_fits_the_comparisons_and_says_how_it_was_made():
    model = load_default()
    assert model.needed() <= set(comparison_names())
    assert model.manifest["trained_by"] == "python -m benchmarks.train_default_model"
    assert model.manifest["labels"]["same"] > 10_000
    assert model.model_id.startswith("model-")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Zyxomma Trading Limited", "ZYXOMMA TRADING LTD."),
        ("ZYXOMMA LTD", "Zyxoma Limited"),
        ("Siemens AG", "Siemens Aktiengesellschaft"),
        ("OOO Oboronnye Initsiativy", "Oboronnye Initsiativy LLC"),
        ("CRYSTALORD LIMITED", "CRISTALORD LTD"),
        ("Hewlett-Packard Co.", "Hewlett Packard Company"),
    ],
)
def test_one_company_written_twice_is_a_match_by_name_alone(left, right):
    assert probability(left, right) > 0.5


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Inspur (HK) Electronics", "Inspur Group"),
        ("Bank of China (Hong Kong) Limited", "Bank of China (Singapore) Limited"),
        ("Fund VIII LP", "Fund IX LP"),
        ("No. 1 Shipyard", "No. 2 Shipyard"),
        ("Corporation 709th Research Institute", "Corporation 712th Research Institute"),
        ("Golden Star Trading", "Golden Sun Trading"),
        ("Star Trading Limited", "Moon Trading Limited"),
        ("International Trading Company", "International Shipping Company"),
    ],
)
def test_siblings_and_strangers_are_no_match_by_name_alone(left, right):
    assert probability(left, right) < 0.5


def test_other_fields_move_the_score_the_way_they_should():
    names = ("Zyxomma Trading Limited", "Zyxomma Limited")
    alone = probability(*names)
    assert probability(*names, country_l="HK", country_r="HK") > alone
    assert probability(*names, country_l="HK", country_r="PA") < alone
    assert (
        probability(*names, country_l="HK", country_r="HK", registration_number_l="1", registration_number_r="2") < 0.3
    )
    assert probability(*names, lei_l="529900T8BM49AURSDO55", lei_r="529900T8BM49AURSDO55") > 0.95
    assert probability(*names, address_l="7 Lane, Cork", address_r="7 Lane, Cork") > alone


def test_equal_identifiers_match_whatever_the_names_and_nothing_else_does():
    names = ("Zyxomma Trading Limited", "Orient Pearl Limited")
    same = {"country_l": "HK", "country_r": "HK"}
    assert probability(*names, lei_l="529900T8BM49AURSDO55", lei_r="529900T8BM49AURSDO55") > probability(*names) * 10
    near = probability(
        *names, **same, address_l="7 Lane, Cork", address_r="7 Lane, Cork", phone_l="+353123456", phone_r="+353123456"
    )
    assert near < 0.3


def test_a_company_formed_after_the_other_was_listed_is_not_the_listed_one():
    fields = {"country_l": "HK", "country_r": "HK", "known_since_l": "2010-01-13"}
    listed = "Victory Wave Holdings Limited"
    assert probability(listed, "VICTORY WAVE HOLDINGS LIMITED", **fields, incorporation_date_r="2007-02-01") > 0.5
    assert probability(listed, "VICTORY WAVE LIMITED", **fields, incorporation_date_r="2010-04-23") < 0.15
    assert probability(listed, "VICTORY WAVE HOLDINGS LIMITED", **fields, incorporation_date_r="2010-04-23") < 0.15


def test_distinct_strong_pairs_do_not_pile_up_at_one():
    fields = {"country_l": "HK", "country_r": "HK", "lei_l": "529900T8BM49AURSDO55", "lei_r": "529900T8BM49AURSDO55"}
    rows = scored(
        ("Zyxomma Trading Limited", "ZYXOMMA TRADING LTD"), ("Zyxomma Trading Limited", "Zyxoma Trading"), **fields
    )
    assert rows[0]["probability"] != rows[1]["probability"]
    assert max(r["probability"] for r in rows) < 1.0


def test_name_bench_stays_above_what_was_reached(shared_data):
    with (shared_data / "benchmarks/name_bench/name_bench_org_pairs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = score(pa.table({c: [r[c] for r in rows] for c in ("name_l", "name_r")}))
    truth = np.array([r["label"] == "1" for r in rows])
    judged = pairs_judged(table["probability"].to_numpy(), truth, load_default().threshold)
    assert judged.f1 > 0.84
