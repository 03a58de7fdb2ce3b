"""Text made safe and short enough to read."""

import pytest

from synapse.foundation.text.visible import shorten, visible


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("12345", "12345"), ("123456", "1234…")])
def test_a_text_is_cut_where_it_is_longer_than_it_may_be(text: str, shown: str) -> None:
    assert shorten(text, 5) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("caf\udce9.db", "caf\\xe9.db"), ("\ud83d", "⟨U+D83D⟩"), ("é\ude00", "é⟨U+DE00⟩"), ("\x1b[2J", "␛[2J")],
)
def test_what_no_terminal_or_database_takes_is_a_sign(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(text).encode()
