"""From live addresses to landed files: what was published, kept as it was, with its SHA-256 and receipt."""

from warehouse.landing.landed import Delivery, LandedFile, PullFailure, PullResult
from warehouse.landing.pull import pull

__all__ = ["Delivery", "LandedFile", "PullFailure", "PullResult", "pull"]
