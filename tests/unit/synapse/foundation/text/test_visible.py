"""Text made safe and short enough to read."""

import pytest

from synapse.foundation.text.visible import shorten


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("12345", "12345"), ("123456", "1234…")])
def test_a_text_is_cut_where_it_is_longer_than_it_may_be(text: str, shown: str) -> None:
    assert shorten(text, 5) == shown
