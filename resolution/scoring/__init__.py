"""Comparisons to calibrated match probabilities, with the reasons for each."""

from resolution.scoring.evidence import Gate, Grid, Term
from resolution.scoring.model import Contributions, Model, ModelMismatchError
from resolution.scoring.store import load, load_default, save

__all__ = [
    "Contributions",
    "Gate",
    "Grid",
    "Model",
    "ModelMismatchError",
    "Term",
    "load",
    "load_default",
    "save",
]
