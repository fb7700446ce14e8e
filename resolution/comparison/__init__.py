"""Compare candidate pairs, one number per comparison."""

from resolution.comparison.comparisons import COMPARISONS, Comparison, compare, name_likeness
from resolution.comparison.name_pairs import NAME_PATHS

__all__ = ["COMPARISONS", "NAME_PATHS", "Comparison", "compare", "name_likeness"]
