"""Texts that go into columns, subjects and bodies."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from synapse.foundation.text.visible import shorten
from synapse.kit.notices.texts import one_line, readable_text, storable_text

HOSTILE = st.text(st.characters() | st.sampled_from("\r\n\0\x0b\x1b\x85\u2028\u2029\u202e\u2066\u061c\ufeff\U000e0041"))


@given(HOSTILE)
def test_one_line_is_one_line_and_hides_nothing(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in line)


@given(HOSTILE)
def test_readable_keeps_lines_and_hides_nothing_else(text: str) -> None:
    assert all(sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"} for sign in readable_text(text))


@given(HOSTILE, st.integers(2, 20))
def test_storable_is_short_and_without_nul(text: str, most: int) -> None:
    kept = storable_text(text, most)

    assert len(kept) <= most
    assert "\0" not in kept
    kept.encode()


def test_plain_text_stays_as_it_is() -> None:
    assert storable_text("Größe 12 €", 20) == one_line("Größe 12 €") == readable_text("Größe 12 €") == "Größe 12 €"
    assert one_line("a\r\nb  c") == "a b c"
    assert readable_text("a\r\nb") == "a\nb"
    assert shorten("abcdef", 4) == "abc…"
