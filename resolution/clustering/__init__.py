"""Match probabilities to clusters of records, and names for the clusters that survive runs."""

from resolution.clustering.canonical import assign_canonical_ids
from resolution.clustering.clusters import Clustering, Constraints, cluster

__all__ = ["Clustering", "Constraints", "assign_canonical_ids", "cluster"]
