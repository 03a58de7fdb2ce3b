"""What PostgreSQL can hold, and what it can't: NUL and halves of characters."""

import json

import pytest

from synapse.foundation.text.storable import is_storable_json, is_storable_text


@pytest.mark.parametrize("text", ["", "a", "\x01\x7f\x9f", "\ud7ff\ue000\uffff", "\U0001f600", "\\u0000", "\\ud800"])
def test_other_characters_are_storable(text: str) -> None:
    assert is_storable_text(text)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "\ude00\ud83d"])
def test_nul_and_halves_of_characters_are_not(text: str) -> None:
    assert not is_storable_text(text)


@pytest.mark.parametrize("spelled", ['"\\\\u0000"', '{"\\\\ud800": [1, null, "\\ud83d\\ude00"]}', "1.5", "null", "[]"])
def test_json_is_storable_whose_texts_are(spelled: str) -> None:
    assert is_storable_json(json.loads(spelled))


@pytest.mark.parametrize("spelled", ['"\\u0000"', '{"\\u0000": 1}', '[{"a": ["\\ud800"]}]', '{"a": {"\\udc00": 1}}'])
def test_json_is_not_storable_where_a_text_or_a_name_is_not(spelled: str) -> None:
    assert not is_storable_json(json.loads(spelled))
