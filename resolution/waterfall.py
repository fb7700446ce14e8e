"""Why one pair scores what it scores: from the prior, step by step, to the probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from resolution.comparison import COMPARISONS, compare
from resolution.names.prepare import prepare
from resolution.schema import RECORDS
from resolution.scoring import Model, load_default
from resolution.scoring.model import GATE, probability_of

SMALL_BITS = 0.05
"""Steps that move the score less than this are left out of the list (and summed up in ``rest_bits``)."""


@dataclass(frozen=True)
class Step:
    """One comparison or gate: its value (None for gates), its signed bits, and what it means in words."""

    comparison: str
    meaning: str
    value: float | None
    bits: float
    sentence: str


@dataclass(frozen=True)
class Waterfall:
    """``prior_bits`` + bits of all ``steps`` (strongest first) + ``rest_bits`` = ``total_bits``."""

    prior_bits: float
    steps: tuple[Step, ...]
    rest_bits: float
    total_bits: float
    probability: float


def waterfall(left: Mapping[str, Any], right: Mapping[str, Any], *, model: Model | None = None) -> Waterfall:
    """Explain the score of two records given as mappings with the keys of RECORDS (``name`` at least).

    How rare a word is comes from the bundled counts here, and from the whole corpus in a run: the bits of a
    run's pair may differ a little from these.
    """
    model = load_default() if model is None else model
    rows = [
        {**{f.name: side.get(f.name) for f in RECORDS}, "record_id": name, "source": None}
        for name, side in (("left", left), ("right", right))
    ]
    prepared = prepare(pa.Table.from_pylist(rows, schema=RECORDS))
    values = compare(prepared, np.array([0], np.int32), np.array([1], np.int32))
    names = tuple(c.name for c in COMPARISONS)
    found = model.contributions(values, names)
    steps = [_step(model, name, float(bits), values[0]) for name, bits in zip(found.names, found.bits[0], strict=True)]
    shown = sorted((s for s in steps if abs(s.bits) >= SMALL_BITS), key=lambda s: (-abs(s.bits), s.comparison))
    total = float(found.total[0])
    rest = total - float(found.prior[0]) - sum(s.bits for s in shown)
    probability = float(probability_of(found.total)[0])
    return Waterfall(float(found.prior[0]), tuple(shown), rest, total, probability)


def _step(model: Model, name: str, bits: float, values: np.ndarray[Any, np.dtype[np.float32]]) -> Step:
    if name.startswith(GATE):
        gate = next(g for g in model.gates if GATE + g.name == name)
        return Step(name, gate.sentence, None, bits, gate.sentence)
    place = next(i for i, c in enumerate(COMPARISONS) if c.name == name)
    value = float(values[place])
    sentence = "not comparable" if np.isnan(value) else COMPARISONS[place].sentence(value)
    return Step(name, COMPARISONS[place].meaning, None if np.isnan(value) else value, bits, sentence)
