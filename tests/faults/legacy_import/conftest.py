"""One ground for the tests of a module: migrated once, emptied between the cases."""

from collections.abc import Iterator

import pytest

from tests.faults.legacy_import.ground import Ground, made_ground
from tests.legacy_files import change

ROWS = 100_000
ARCHIVED = 3


@pytest.fixture(scope="module")
def large_ground() -> Iterator[Ground]:
    """A primary of 100,000 rows, and a table nobody declared: every stage of the pipeline is entered."""
    with made_ground(rows=ROWS) as ground:
        change(ground.primary, "CREATE TABLE old_note (id INTEGER PRIMARY KEY, note TEXT)")
        change(ground.primary, "INSERT INTO old_note (note) VALUES ('one'), ('two'), (NULL)")
        yield ground


@pytest.fixture(scope="module")
def small_ground() -> Iterator[Ground]:
    """The specification's figures: 7 posts and 15 inquiries in the primary."""
    with made_ground(rows=None) as ground:
        yield ground
