"""Hash integers: one function for every key made of numbers."""

import numpy as np
from numpy.typing import NDArray


def scramble(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread integers over 64 bits (the finaliser of SplitMix64), so that sums of them hardly collide."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
