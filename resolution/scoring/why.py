"""Scores in words: the comparisons that moved each pair most, strongest first."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from resolution.scoring.evidence import Matrix
from resolution.scoring.model import GATE, Contributions, Model

SentenceOf = Callable[[float], str]

STRONGEST = 3
LEAST_BITS = 0.3


def why(
    model: Model,
    contributions: Contributions,
    values: Matrix,
    comparisons: Sequence[str],
    sentences: Mapping[str, SentenceOf],
) -> pa.StringArray:
    """One line per pair: its ``STRONGEST`` contributions as sentences with their signed bits.

    ``values`` (n, k) are the comparison values that ``contributions`` came from. Sentences are made once
    per distinct (comparison, value to a hundredth, whole bits), not per pair.
    """
    count, width = contributions.bits.shape
    if not count:
        return pa.array([], pa.string())
    strength = np.abs(contributions.bits)
    top = np.argsort(-strength, axis=1, kind="stable")[:, :STRONGEST]
    gates = {GATE + g.name: g.sentence for g in model.gates}
    rows = np.arange(count)
    parts = np.empty((count, top.shape[1]), dtype=object)
    for place in range(top.shape[1]):
        which = top[:, place]
        parts[:, place] = ""
        for column in range(width):
            chosen = rows[(which == column) & (strength[rows, column] >= LEAST_BITS)]
            if not len(chosen):
                continue
            name = contributions.names[column]
            bits = contributions.bits[chosen, column]
            if name in gates:
                parts[chosen, place] = gates[name]
                continue
            value = values[chosen, list(comparisons).index(name)]
            parts[chosen, place] = _phrases(value, bits, sentences[name])
    lines = [("; ".join(p for p in line if p) or "nothing that could be compared tells much") for line in parts]
    return pa.array(lines, pa.string())


def _phrases(value: Matrix, bits: Matrix, sentence: SentenceOf) -> list[str]:
    keys = np.stack([np.round(np.nan_to_num(value, nan=-9.0) * 100), np.round(bits)], axis=1)
    distinct, place = np.unique(keys, axis=0, return_inverse=True)
    made = [f"{sentence(float('nan') if v == -900 else v / 100)} ({b:+.0f})" for v, b in distinct.tolist()]
    return [made[i] for i in place.ravel().tolist()]
