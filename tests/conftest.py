"""Fixtures every test may use."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real source files; it lies beside the repository, never in it."""
    place = Path(os.environ.get("BRASSPLATE_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if place.is_dir():
        return place
    message = f"real source files not found: expected a folder at {place} (set BRASSPLATE_SHARED_DATA)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
