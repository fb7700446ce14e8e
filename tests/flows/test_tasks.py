"""What a run shows on its page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.tasks import escaped


@given(st.text())
def test_names_in_artifacts_can_neither_open_tags_nor_links(text: str) -> None:
    assert not set("<>|`[]!\n") & set(escaped(text))


@pytest.mark.parametrize("text", ["<img src=http://x>", "[a](javascript:1)", "a | b"])
def test_hostile_names_become_character_references(text: str) -> None:
    assert "&#" in escaped(text)
