"""``python -m benchmarks.accuracy --data ../shared/data``: how right the default model is, on labelled names.

Everything here is for measuring only: none of it is trained on. Writes docs/benchmarks.md and the same tables
to standard output. Bootstrap intervals are 95 %, over pairs or whole true clusters.
"""

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.invented import invented_world
from benchmarks.learning_curve import factories, simulated_judgements
from benchmarks.report import Row, figure, span, table, write_report
from resolution.blocking import candidate_pairs
from resolution.comparison import compare
from resolution.evaluation import (
    b_cubed,
    best_threshold,
    blocking_recall,
    calibration_error,
    cluster_pairs,
    interval,
    pairs_judged,
)
from resolution.names.prepare import prepare
from resolution.resolve import resolve
from resolution.score import score
from resolution.scoring import Model, load_default

REPORT = Path(__file__).parent.parent / "docs/benchmarks.md"
ALIASES_ASKED = 10
FAMILY_PROBABILITY, FAMILY_LIKENESS = 0.1, 0.5


def name_bench(data: Path, model: Model) -> list[Row]:
    """266 pairs of organisation names: same or not."""
    rows = _csv(data / "benchmarks/name_bench/name_bench_org_pairs.csv")
    truth = np.array([r["label"] == "1" for r in rows])
    pairs = pa.table({side: [r[side] for r in rows] for side in ("name_l", "name_r")})
    probability = score(pairs, model=model)["probability"].to_numpy()
    at = pairs_judged(probability, truth, model.threshold)
    limit, best = best_threshold(probability, truth)
    units = np.arange(len(rows))
    bounds = interval(lambda i: pairs_judged(probability[i], truth[i], model.threshold).f1, units)
    found = [
        Row(f"F1 at the default threshold ({model.threshold:g})", figure(at.f1), span(bounds), "logic-v2 .872"),
        Row("precision / recall there", f"{figure(at.precision)} / {figure(at.recall)}"),
        Row("F1 at its best threshold", f"{figure(best.f1)} (at {limit:.3f})", "", "logic-v2 .895; fuzzy .794-.860"),
        Row("expected calibration error", figure(calibration_error(probability, truth))),
    ]
    for quality in ("STRONG", "MEDIUM", "WEAK"):
        part = np.array([r["quality"] == quality for r in rows])
        judged = pairs_judged(probability[part], truth[part], model.threshold)
        found.append(Row(f"F1, quality {quality} ({part.sum()} pairs)", figure(judged.f1)))
    return found


def patstat(data: Path, model: Model) -> list[Row]:
    """Distinct applicant names, hand-clustered; names alone."""
    truth_of: dict[str, str] = {}
    for r in _csv(data / "benchmarks/patstat/patstat_orgs_clusters.csv"):
        truth_of.setdefault(r["name_raw"], r["true_cluster"])
    names = list(truth_of)
    truth = np.array([truth_of[n] for n in names])
    records = pa.table({"record_id": [f"{i:05d}" for i in range(len(names))], "name": names})
    blocked = candidate_pairs(prepare(records))
    found = resolve(records, model=model)
    labels = np.unique(found.members["canonical_id"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
    pairs, cubed = cluster_pairs(labels, truth), b_cubed(labels, truth)
    family = name_families(found.scored_pairs, len(names))
    peers = "fuzzy .980 / .964 at its best threshold; dedupe, 300 labels .889 / .876; Splink 5 .743 / .874"
    return [
        Row(
            "entities: pairwise F1, default threshold",
            figure(pairs.f1),
            span(interval(lambda i: cluster_pairs(labels[i], truth[i]).f1, truth, rounds=200)),
            peers,
        ),
        Row("entities: pairwise precision / recall", f"{figure(pairs.precision)} / {figure(pairs.recall)}"),
        Row(
            "entities: B-cubed F1, default threshold",
            figure(cubed.f1),
            span(interval(lambda i: b_cubed(labels[i], truth[i]).f1, truth, rounds=200)),
        ),
        Row("entities: B-cubed precision / recall", f"{figure(cubed.precision)} / {figure(cubed.recall)}"),
        Row(
            "name families: pairwise F1 / B-cubed F1",
            f"{figure(cluster_pairs(family, truth).f1)} / {figure(b_cubed(family, truth).f1)}",
            span(interval(lambda i: cluster_pairs(family[i], truth[i]).f1, truth, rounds=200)),
        ),
        Row("blocking recall", figure(blocking_recall(blocked.left, blocked.right, truth)), "", "nomenklatura .200"),
        Row("candidate pairs per name", f"{len(blocked.left) / len(names):.1f}"),
        Row("distinct names / true clusters", f"{len(names)} / {len(set(truth))}"),
        Row("clusters found", str(len(set(labels)))),
    ]


def name_families(scored: pa.Table, count: int) -> np.ndarray:
    """Groups above the entity: names tied by any chain of pairs that are possible and share distinctive words.

    The two limits had the best B-cubed F1 for families in the invented world, of those tried there.
    """
    probability, likeness = (scored[c].to_numpy() for c in ("match_probability", "name_likeness"))
    probable = scored.filter(pa.array((probability >= FAMILY_PROBABILITY) & (likeness >= FAMILY_LIKENESS)))
    left, right = (probable[c].to_numpy(zero_copy_only=False).astype(int) for c in probable.column_names[:2])
    graph = coo_matrix((np.ones(len(left)), (left, right)), (count, count))
    return connected_components(graph, directed=False)[1]


def aliases(data: Path, model: Model) -> list[Row]:
    """OFAC organisations: does an alias meet another name of its organisation among its likeliest ten?"""
    rows = _csv(data / "benchmarks/ofac_aliases/ofac_org_name_clusters.csv")
    truth = np.array([r["true_cluster"] for r in rows])
    records = pa.table({"record_id": [f"{i:05d}" for i in range(len(rows))], "name": [r["name"] for r in rows]})
    prepared = prepare(records)
    blocked = candidate_pairs(prepared)
    probability = model.score_bits(compare(prepared, blocked.left, blocked.right))
    _, place, sizes = np.unique(truth, return_inverse=True, return_counts=True)
    asked = np.array([r["name_type"] != "primary" for r in rows]) & (sizes[place] > 1)
    found = []
    for count in (1, ALIASES_ASKED):
        hit = _reached(blocked.left, blocked.right, probability, truth, count)[asked]
        units = truth[asked]
        bounds = interval(lambda i, hit=hit: float(hit[i].mean()), units, rounds=200)
        found.append(Row(f"recall@{count} of {asked.sum()} aliases", figure(float(hit.mean())), span(bounds)))
    found.append(Row("blocking recall of all alias pairs", figure(blocking_recall(blocked.left, blocked.right, truth))))
    found.append(Row("candidate pairs per name", f"{len(blocked.left) / len(rows):.1f}"))
    return found


def _reached(left: np.ndarray, right: np.ndarray, probability: np.ndarray, truth: np.ndarray, count: int) -> np.ndarray:
    """Per record: is one of its ``count`` best candidates of its own cluster?"""
    one, other = np.concatenate([left, right]), np.concatenate([right, left])
    strength = np.concatenate([probability, probability])
    order = np.lexsort((other, -strength, one))
    one, other = one[order], other[order]
    rank = np.arange(len(one)) - np.searchsorted(one, one)
    hit = np.zeros(len(truth), dtype=bool)
    good = (rank < count) & (truth[one] == truth[other])
    hit[one[good]] = True
    return hit


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PARTS: tuple[tuple[str, str, Callable[[Path, Model], list[Row]]], ...] = (
    ("name_bench", "266 labelled pairs of organisation names (MIT, from nomenklatura)", name_bench),
    ("PATSTAT", "distinct patent applicant names, clustered by names alone (MIT)", patstat),
    ("OFAC aliases", "each alias among all 9,130 names (US public domain)", aliases),
    ("OAR factories", "judged pairs with address and country (MIT), held out in turn", factories),
    ("Invented world", "siblings, namesakes and misspellings by another seed than training", invented_world),
    ("Simulated judgements", "PATSTAT pairs judged by its truth, then the rest resolved again", simulated_judgements),
)


def main() -> None:
    """Measure everything, or the parts named, and write the report where all were measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--part", action="append", choices=[name for name, _, _ in PARTS])
    options = parser.parse_args()
    model = load_default()
    sections = []
    for name, meaning, measure in PARTS:
        if options.part and name not in options.part:
            continue
        started = time.perf_counter()
        rows = measure(options.data, model)
        took = time.perf_counter() - started
        sections.append((name, f"{meaning}; {took:.0f} s", rows))
        print(f"\n## {name}\n{meaning}; {took:.1f} s\n\n{table(rows)}", flush=True)
    if not options.part:
        write_report(REPORT, model, sections)
        print(f"\nwritten to {REPORT}")


if __name__ == "__main__":
    main()
