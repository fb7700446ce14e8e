"""Models as files: readable JSON, checked on the way in. Nothing is ever unpickled."""

import hashlib
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from resolution.scoring.evidence import Gate, Grid, Term
from resolution.scoring.model import Model, ModelMismatchError, comparison_names

SCHEMA_VERSION = 1
FIELDS = {
    "schema_version",
    "model_id",
    "terms",
    "grids",
    "prior_bits",
    "calibration",
    "gates",
    "threshold",
    "rules",
    "manifest",
}


def to_document(model: Model) -> dict[str, Any]:
    """The model as plain JSON values; ``model_id`` is a hash of everything that decides a score."""
    deciding: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "prior_bits": _short(model.prior_bits),
        "calibration": {"slope": _short(model.slope), "shift_bits": _short(model.shift_bits)},
        "threshold": _short(model.threshold),
        "terms": [
            {
                "comparison": t.comparison,
                "knots": [_short(k) for k in t.knots],
                "bits": [_short(b) for b in t.bits],
                "missing_bits": _short(t.missing_bits),
                "unless": [[c, v] for c, v in t.unless],
            }
            for t in model.terms
        ],
        "grids": [
            {
                "comparison": g.comparison,
                "across": g.across,
                "knots": [_short(k) for k in g.knots],
                "across_knots": [_short(k) for k in g.across_knots],
                "bits": [[_short(b) for b in row] for row in g.bits],
            }
            for g in model.grids
        ],
        "gates": [
            {
                "name": g.name,
                "any_of": [[c, v] for c, v in g.any_of],
                "when": [[c, v] for c, v in g.when],
                "cap_bits": g.cap_bits,
                "sentence": g.sentence,
            }
            for g in model.gates
        ],
        "rules": [dict(r) for r in model.rules],
    }
    text = json.dumps(deciding, sort_keys=True, ensure_ascii=False)
    model_id = "model-" + hashlib.sha256(text.encode()).hexdigest()[:12]
    return {**deciding, "model_id": model_id, "manifest": dict(model.manifest)}


def from_document(document: Any, place: str, comparisons: Sequence[str] | None = None) -> Model:
    """A Model from parsed JSON; ModelMismatchError names ``place`` and everything that is wrong with it."""
    if not isinstance(document, Mapping):
        raise ModelMismatchError(f"{place}: expected a JSON object, found {type(document).__name__}")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise ModelMismatchError(
            f"{place}: expected schema_version {SCHEMA_VERSION}, found {document.get('schema_version')!r}; "
            "train the model again with this version"
        )
    unknown, absent = sorted(set(document) - FIELDS), sorted(FIELDS - set(document))
    if unknown or absent:
        raise ModelMismatchError(f"{place}: unknown keys {unknown}, missing keys {absent}")
    try:
        model = Model(
            terms=tuple(_term(t) for t in document["terms"]),
            grids=tuple(_grid(g) for g in document["grids"]),
            prior_bits=_number(document["prior_bits"]),
            slope=_number(document["calibration"]["slope"]),
            shift_bits=_number(document["calibration"]["shift_bits"]),
            gates=tuple(_gate(g) for g in document["gates"]),
            threshold=_number(document["threshold"]),
            rules=tuple(document["rules"]),
            manifest=document["manifest"],
            model_id=str(document["model_id"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelMismatchError(f"{place}: not a model of this kind: {error!r}") from error
    if not 0.0 < model.threshold < 1.0 or model.slope <= 0.0:
        raise ModelMismatchError(
            f"{place}: expected 0 < threshold < 1 and a calibration slope above 0, "
            f"found {model.threshold} and {model.slope}"
        )
    model.require(comparison_names() if comparisons is None else comparisons)
    return model


def save(model: Model, path: Path) -> Model:
    """Write the model as JSON (atomically) and return it as it will be read back."""
    document = to_document(model)
    draft = path.with_name(path.name + ".part")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
    return from_document(document, str(path), sorted(model.needed()))


def load(path: Path, comparisons: Sequence[str] | None = None) -> Model:
    """Read a model; ModelMismatchError where it is not one, or its comparisons are not those made here."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelMismatchError(f"{path}: expected a model in JSON, found: {error}") from error
    return from_document(document, str(path), comparisons)


def load_default() -> Model:
    """The model that ships with the package; made by ``python -m benchmarks.train_default_model``."""
    text = resources.files("resolution.scoring").joinpath("default_model.json").read_text(encoding="utf-8")
    return from_document(json.loads(text), "default_model.json")


def _term(document: Mapping[str, Any]) -> Term:
    knots = _knots(document["knots"])
    bits = tuple(_number(b) for b in document["bits"])
    if len(knots) != len(bits):
        raise ValueError(f"{document['comparison']}: expected as many bits as knots")
    missing = _number(document["missing_bits"])
    return Term(str(document["comparison"]), knots, bits, missing, _conditions(document["unless"]))


def _grid(document: Mapping[str, Any]) -> Grid:
    knots, across = _knots(document["knots"]), _knots(document["across_knots"])
    bits = tuple(tuple(_number(b) for b in row) for row in document["bits"])
    if len(bits) != len(knots) or any(len(row) != len(across) for row in bits):
        raise ValueError(f"{document['comparison']}: expected {len(knots)} rows of {len(across)} bits")
    return Grid(str(document["comparison"]), str(document["across"]), knots, across, bits)


def _knots(document: Any) -> tuple[float, ...]:
    knots = tuple(_number(k) for k in document)
    if len(knots) < 2 or any(b <= a for a, b in itertools.pairwise(knots)):
        raise ValueError(f"knots must ascend and be two at least, found {knots}")
    return knots


def _gate(document: Mapping[str, Any]) -> Gate:
    any_of, when = _conditions(document["any_of"]), _conditions(document["when"])
    cap, sentence = _number(document["cap_bits"]), str(document["sentence"])
    return Gate(str(document["name"]), any_of, cap, sentence, when)


def _conditions(document: Any) -> tuple[tuple[str, float], ...]:
    return tuple((str(comparison), _number(least)) for comparison, least in document)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {value!r}")
    return float(value)


def _short(value: float) -> float:
    # Four decimals of a bit are far below anything that could be measured, and keep the file readable.
    return round(float(value), 4)
