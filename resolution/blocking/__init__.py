"""Which pairs of records are worth comparing."""

from resolution.blocking.candidates import Candidates, RuleReport, WorstBlock, candidate_pairs
from resolution.blocking.rules import RULES

__all__ = ["RULES", "Candidates", "RuleReport", "WorstBlock", "candidate_pairs"]
