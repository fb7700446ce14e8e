"""``python -m benchmarks.train_default_model``: make resolution/scoring/default_model.json again.

Deterministic: the same source files give the same model, byte for byte.
"""

import argparse
import hashlib
import time
from pathlib import Path

from benchmarks.training_world import SEED, training_world
from resolution.learning.default_model import train_default
from resolution.scoring import save

TARGET = Path(__file__).parent.parent / "resolution/scoring/default_model.json"
SOURCES = (
    "registries/gb/uk_ch_overseas_entities_2026-05.parquet",
    "registries/gleif/lei_flat.csv",
    "registries/gleif/20240505-0000-gleif-goldencopy-lei2-intra-day.json",
    "lists/us_bis/EntityList_bis_csv_2023-12-07.csv",
    "lists/us_csl/consolidated_2022-04.csv.gz",
)


def main() -> None:
    """Train, save and say how good it is on held-out families of names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--output", type=Path, default=TARGET)
    options = parser.parse_args()
    started = time.perf_counter()
    records, truth = training_world(options.data)
    digest = hashlib.sha256()
    for source in SOURCES:
        digest.update((options.data / source).read_bytes())
    manifest = {
        "trained_by": "python -m benchmarks.train_default_model",
        "sources": [Path(s).name for s in SOURCES],
        "sources_sha256": digest.hexdigest(),
        "records": records.num_rows,
        "entities": len(set(truth)),
        "seed": SEED,
    }
    model = save(train_default(records, truth, manifest), options.output)
    print(f"{options.output}: {model.model_id}, {time.perf_counter() - started:.0f} s")
    for key, value in {**model.manifest["labels"], **model.manifest["evaluation"]}.items():
        print(f"  {key} {value}")


if __name__ == "__main__":
    main()
