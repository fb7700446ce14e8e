"""Compare candidate pairs, one number per comparison."""

from resolution.comparison.comparisons import (
    COMPARISONS,
    Compared,
    Comparison,
    compare,
    compare_with_likeness,
    name_likeness,
)
from resolution.comparison.name_pairs import NAME_PATHS

__all__ = [
    "COMPARISONS",
    "NAME_PATHS",
    "Compared",
    "Comparison",
    "compare",
    "compare_with_likeness",
    "name_likeness",
]
