"""An error in one line."""

import pytest

from synapse.foundation.text.error_line import error_line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            'relation "posts" does not exist\nLINE 1: SELECT * FROM posts\n                      ^',
            'relation "posts" does not exist',
        ),
        ("duplicate key value\nDETAIL:  Key (name)=(Ada) already exists.", "duplicate key value"),
        ("no function\nLINE 12: a\nHINT:  Cast it.", "no function"),
        ("two\nlines  of its own\n", "two lines of its own"),
        ("it says DETAIL: here", "it says DETAIL: here"),
        ("", "ValueError"),
    ],
)
def test_what_postgresql_quotes_is_left_out(message: str, line: str) -> None:
    assert error_line(ValueError(message)) == line
