"""Models as files: readable JSON, checked on the way in. Nothing is ever unpickled."""

import hashlib
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from resolution.scoring.model import Gate, Model, ModelMismatchError, Term, comparison_names

SCHEMA_VERSION = 1
FIELDS = {
    "schema_version",
    "model_id",
    "terms",
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
            }
            for t in model.terms
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
    model.columns(comparison_names() if comparisons is None else comparisons)
    return model


def save(model: Model, path: Path) -> Model:
    """Write the model as JSON (atomically) and return it as it will be read back."""
    document = to_document(model)
    draft = path.with_name(path.name + ".part")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
    names = [t.comparison for t in model.terms] + [c for g in model.gates for c, _ in (*g.any_of, *g.when)]
    return from_document(document, str(path), names)


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
    knots = tuple(_number(k) for k in document["knots"])
    bits = tuple(_number(b) for b in document["bits"])
    ascending = all(a < b for a, b in itertools.pairwise(knots))
    if len(knots) != len(bits) or len(knots) < 2 or not ascending:
        raise ValueError(f"{document['comparison']}: knots must ascend and be as many as bits, at least two")
    return Term(str(document["comparison"]), knots, bits, _number(document["missing_bits"]))


def _gate(document: Mapping[str, Any]) -> Gate:
    any_of, when = (tuple((str(c), _number(v)) for c, v in document[key]) for key in ("any_of", "when"))
    cap, sentence = _number(document["cap_bits"]), str(document["sentence"])
    return Gate(str(document["name"]), any_of, cap, sentence, when)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {value!r}")
    return float(value)


def _short(value: float) -> float:
    # Four decimals of a bit are far below anything that could be measured, and keep the file readable.
    return round(float(value), 4)
