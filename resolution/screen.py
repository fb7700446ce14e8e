"""Screen queries against millions of names: who are the likeliest companies behind each query?

Reading every name of a large list in full would take most of the time, so the list is first cut down to the
records that share a telling word, its sound or its beginning with any query; only those are prepared.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.blocking import candidate_pairs
from resolution.comparison import COMPARISONS, compare
from resolution.names.characters import fold
from resolution.names.information import WordCounts
from resolution.names.prepare import Prepared, prepare
from resolution.names.table import Names, read_names
from resolution.names.vocabulary import NUMERAL, WORD
from resolution.names.words import Words, corrected, number_words, sounds_of, split_words
from resolution.schema import RECORDS
from resolution.scoring import Model, load_default
from resolution.scoring.model import probability_of
from resolution.scoring.why import why

HITS = pa.schema(
    [
        pa.field("query_id", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),  # 1 for the likeliest
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("probability", pa.float32(), nullable=False),  # same legal entity, 0-1
        pa.field("why", pa.string(), nullable=False),
    ]
)
"""One row per hit, by query in the order given, then by rank."""

SMALL = 50_000
"""Lists up to this many records are prepared whole."""

BEGINNING = 5
LEAST_SOUNDS = 3
FREQUENT = 2_000
"""Words of more names of the list than this do not by themselves make a name worth reading."""
MAX_BLOCK_PAIRS = 20_000
BATCH_PAIRS = 200_000
_QUERIES, _LIST = "queries", "list"


def screen(queries: pa.Table, against: pa.Table, *, top: int = 10, model: Model | None = None) -> pa.Table:
    """The ``top`` likeliest records of ``against`` for each query, as HITS.

    Both tables have the shape of RECORDS (``record_id`` and ``name`` needed). A query without any candidate has no
    row. Raises ``ValueError`` where columns are missing or ``top`` is less than 1.
    """
    if top < 1:
        raise ValueError(f"expected top to be 1 or more, found {top}")
    model = load_default() if model is None else model
    queries, against = _as_register(queries, _QUERIES), _as_register(against, _LIST)
    counts = None
    if len(against) > SMALL:
        against, counts = _worth_reading(queries, against)
    both = pa.concat_tables([queries, against])
    prepared = prepare(both, counts.of) if counts is not None else prepare(both)
    # Each side is one "register", so no query meets a query and no record of the list another one.
    pairs = candidate_pairs(prepared, max_block_pairs=MAX_BLOCK_PAIRS)
    return _hits(prepared, pairs.left, pairs.right, both, top, model)


def _as_register(records: pa.Table, source: str) -> pa.Table:
    columns = {
        field.name: records[field.name].cast(field.type)
        if field.name in records.column_names
        else pa.nulls(len(records), field.type)
        for field in RECORDS
        if field.name not in ("source", "is_register", "is_synthetic")
    }
    missing = [name for name in ("record_id", "name") if name not in records.column_names]
    if missing:
        raise ValueError(f"{source}: expected columns record_id and name, missing {', '.join(missing)}")
    columns["source"] = pa.array([source] * len(records), pa.string())
    columns["is_register"] = pa.array(np.ones(len(records), bool))
    return pa.table(columns)


@dataclass(frozen=True)
class _ListCounts:
    """Word counts of the whole list, for names of a part of it."""

    per_word: dict[Any, int]
    latin_names: int
    other_names: int

    def of(self, names: Names) -> WordCounts:
        counts = np.fromiter((self.per_word.get(w, 0) for w in names.words.text), float, len(names.words))
        return WordCounts(counts, self.latin_names, self.other_names)


def _worth_reading(queries: pa.Table, against: pa.Table) -> tuple[pa.Table, _ListCounts]:
    """The records of ``against`` with a word like a telling word of a query, and the word counts of all of them."""
    others = against["other_names"].combine_chunks()
    own = pa.concat_arrays([*against["name"].chunks, pc.list_flatten(others)])
    record = np.concatenate(
        (np.arange(len(against)), np.repeat(np.arange(len(against)), pc.fill_null(pc.list_value_length(others), 0)))
    )
    offsets, encoded = split_words(fold(own))
    words, canonical = number_words(corrected(encoded.dictionary.to_pylist()))
    word = canonical[encoded.indices.to_numpy()]
    frequency = np.bincount(word, minlength=len(words))
    told = np.concatenate(([0], np.cumsum(_telling(queries, words, frequency)[word], dtype=np.int64)))
    keep = np.zeros(len(against), bool)
    keep[record[told[offsets[1:]] - told[offsets[:-1]] >= 2]] = True
    # Words of kept names that no query has still need their counts: a rare omission weighs more.
    known = dict(zip(words.text.tolist(), frequency.tolist(), strict=True))
    latin = int(pc.sum(pc.string_is_ascii(own)).as_py() or 0)
    return against.filter(pa.array(keep)), _ListCounts(known, latin, len(own) - latin)


def _telling(queries: pa.Table, words: Words, frequency: NDArray[np.int64]) -> NDArray[np.int8]:
    """How much each word speaks for reading a name that has it: 2 for enough, 1 for half, 0 for nothing.

    Words tell that equal, sound like or begin like a distinctive word of a query, or are the initials of one. Of
    frequent ones it takes two, unless they are all that a query has.
    """
    names = read_names(_all_names(queries).unique())
    own = np.isin(names.core_kind, (WORD, NUMERAL))
    own_words = np.diff(np.concatenate(([0], np.cumsum(own)))[names.core_offsets])
    lonely = np.repeat(own_words == 1, np.diff(names.core_offsets))
    wanted, alone = _texts(names, np.unique(names.core[own])), set(_texts(names, np.unique(names.core[own & lonely])))
    initials = {*names.initials().to_pylist(), *names.initials(with_company=True).to_pylist()}
    equal = {*wanted, *(text for text in initials if 3 <= len(text) <= 6)}
    sounds = {sound for sound in sounds_of(wanted).to_pylist() if len(sound) >= LEAST_SOUNDS}
    beginnings = {text[:BEGINNING] for text in wanted if len(text) >= BEGINNING}
    spoken = words.sounds.to_pylist()
    rare = (frequency <= FREQUENT).tolist()
    told = np.fromiter(
        (
            (2 if rare[row] or text in alone else 1)
            if text in equal
            else 2 * (rare[row] and (text[:BEGINNING] in beginnings or sound in sounds))
            for row, (text, sound) in enumerate(zip(words.text.tolist(), spoken, strict=True))
        ),
        np.int8,
        len(words),
    )
    return np.maximum(told, told[words.latin])


def _texts(names: Names, word: NDArray[np.int32]) -> list[str]:
    return [str(text) for text in names.words.text[np.union1d(word, names.words.latin[word])]]


def _all_names(records: pa.Table) -> pa.Array:
    others = records["other_names"].combine_chunks()
    return pa.concat_arrays([*records["name"].chunks, pc.list_flatten(others)])


def _hits(
    prepared: Prepared, left: NDArray[np.int32], right: NDArray[np.int32], records: pa.Table, top: int, model: Model
) -> pa.Table:
    names = tuple(comparison.name for comparison in COMPARISONS)
    sentences = {comparison.name: comparison.sentence for comparison in COMPARISONS}
    scores, core = [np.empty(0)], [np.empty(0, np.float32)]
    for start in range(0, len(left), BATCH_PAIRS):
        values = compare(prepared, left[start : start + BATCH_PAIRS], right[start : start + BATCH_PAIRS])
        scores.append(probability_of(model.contributions(values, names).total))
        core.append(np.nan_to_num(values[:, 0]))
    score = np.concatenate(scores)
    # Equal probabilities go by the names, then by the order of the list.
    order = np.lexsort((right, -np.concatenate(core), -score, left))
    query = left[order]
    place = np.arange(len(order)) - np.searchsorted(query, query)
    order, place = order[place < top], place[place < top]
    left, right, score = left[order], right[order], score[order]
    values = compare(prepared, left, right)
    lines = why(model, model.contributions(values, names), values, names, sentences)
    return pa.table(
        [
            records["record_id"].take(pa.array(left)),
            pa.array((place + 1).astype(np.int32)),
            records["record_id"].take(pa.array(right)),
            records["name"].take(pa.array(right)),
            pa.array(score.astype(np.float32)),
            lines,
        ],
        schema=HITS,
    )
