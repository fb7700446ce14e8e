"""Comparisons to calibrated match probabilities, with the reasons for each."""

from resolution.scoring.model import Gate, Model, ModelMismatchError, Term
from resolution.scoring.store import load, load_default, save

__all__ = ["Gate", "Model", "ModelMismatchError", "Term", "load", "load_default", "save"]
