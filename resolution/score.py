"""Score pairs of company records that somebody else put side by side."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolution.comparison import COMPARISONS, compare
from resolution.names.prepare import prepare
from resolution.schema import RECORDS
from resolution.scoring import Model, load_default
from resolution.scoring.model import probability_of
from resolution.scoring.why import why

BATCH_PAIRS = 200_000
ADDED = ("probability", "is_match", "why")
SEPARATOR = ";"
NOT_OF_PAIRS = ("record_id", "source", "is_register", "is_synthetic")
"""Columns of RECORDS that decide what may meet; of two records put side by side they say nothing."""


def score(pairs: pa.Table, *, model: Model | None = None, threshold: float | None = None) -> pa.Table:
    """Add ``probability`` (float32), ``is_match`` and ``why`` to ``pairs``, one row per pair, in order.

    ``pairs`` needs ``name_l`` and ``name_r``, and may have any other column of RECORDS with those
    endings. A name cell may hold several names (several scripts) separated by ``;``. Columns of other
    types than RECORDS has are read as text where that can be done. ValueError lists what is missing.
    """
    model = load_default() if model is None else model
    missing = [name for name in ("name_l", "name_r") if name not in pairs.column_names]
    if missing:
        raise ValueError(
            f"expected columns name_l and name_r, missing {', '.join(missing)}; found "
            f"{', '.join(pairs.column_names)}. Rename the columns, or map them with --map."
        )
    count = pairs.num_rows
    records = pa.concat_tables([side_records(pairs, "_l"), side_records(pairs, "_r")])
    prepared = prepare(records)
    names = tuple(c.name for c in COMPARISONS)
    sentences = {c.name: c.sentence for c in COMPARISONS}
    probability, lines = [np.empty(0)], [pa.array([], pa.string())]
    for start in range(0, count, BATCH_PAIRS):
        left = np.arange(start, min(start + BATCH_PAIRS, count), dtype=np.int32)
        values = compare(prepared, left, left + np.int32(count))
        found = model.contributions(values, names)
        probability.append(probability_of(found.total))
        lines.append(why(model, found, values, names, sentences))
    scores = np.concatenate(probability).astype(np.float32)
    limit = model.threshold if threshold is None else threshold
    kept = pairs.select([c for c in pairs.column_names if c not in ADDED])
    return (
        kept.append_column("probability", pa.array(scores))
        .append_column("is_match", pa.array(scores >= limit))
        .append_column("why", pa.concat_arrays(lines))
    )


def side_records(pairs: pa.Table, ending: str) -> pa.Table:
    """One side of a table of pairs as RECORDS; ``record_id`` is the row number with the ending."""
    count = pairs.num_rows
    given = {f.name: f.name + ending for f in RECORDS if f.name not in NOT_OF_PAIRS}
    columns = {
        field.name: _as_type(pairs[given[field.name]].combine_chunks(), field.type)
        if given.get(field.name) in pairs.column_names
        else pa.nulls(count, field.type)
        for field in RECORDS
    }
    columns["record_id"] = pa.array([f"{i}{ending}" for i in range(count)], pa.string())
    columns["name"], extra = _split_names(columns["name"])
    listed = [[*a, *(b or [])] for a, b in zip(extra, columns["other_names"].to_pylist(), strict=True)]
    columns["other_names"] = pa.array(listed, pa.list_(pa.string()))
    return pa.table(columns, schema=RECORDS)


def _split_names(cells: pa.Array) -> tuple[pa.Array, list[list[str]]]:
    listed = [
        [part for part in (p.strip() for p in cell.split(SEPARATOR)) if part] if cell else []
        for cell in cells.to_pylist()
    ]
    return pa.array([names[0] if names else None for names in listed], pa.string()), [n[1:] for n in listed]


def _as_type(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """A column as RECORDS types it; what cannot be read so is missing."""
    if column.type == kind:
        return column
    if pa.types.is_list(kind):
        cells = column.cast(pa.string()).to_pylist()
        return pa.array([c.split(SEPARATOR) if c else [] for c in cells], kind)
    if pa.types.is_date(kind):
        return _as_dates(column)
    return column.cast(pa.string())


def _as_dates(column: pa.Array) -> pa.Array:
    if pa.types.is_temporal(column.type):
        return column.cast(pa.date32())
    texts = pc.utf8_slice_codeunits(column.cast(pa.string()), 0, 10)
    return pc.cast(pc.strptime(texts, format="%Y-%m-%d", unit="s", error_is_null=True), pa.date32())
