"""One ground for the tests of a module: migrated once, emptied between the cases."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.faults.legacy_import.ground import Ground, made_ground
from tests.legacy_files import change

ROWS = 100_000
MIDDLE_ROWS = 6_000
ARCHIVED = 3


@pytest.fixture(autouse=True)
def every_loss_is_a_deletion(settings: Settings) -> None:
    """Let drawn files follow one another without asking a person; the question has tests of its own."""
    settings.LEGACY_LOSS_SHARE = 2.0


@pytest.fixture(scope="module")
def large_ground() -> Iterator[Ground]:
    """A primary of 100,000 rows, and a table nobody declared: every stage of the pipeline is entered."""
    yield from _ground_with_archive(rows=ROWS)


@pytest.fixture(scope="module")
def middle_ground() -> Iterator[Ground]:
    """The same with 6,000 rows, for faults whose moment is told by the stage and not by the clock."""
    yield from _ground_with_archive(rows=MIDDLE_ROWS)


def _ground_with_archive(*, rows: int) -> Iterator[Ground]:
    with made_ground(rows=rows) as ground:
        change(ground.primary, "CREATE TABLE old_note (id INTEGER PRIMARY KEY, note TEXT)")
        change(ground.primary, "INSERT INTO old_note (note) VALUES ('one'), ('two'), (NULL)")
        yield ground


@pytest.fixture(scope="module")
def small_ground() -> Iterator[Ground]:
    """The specification's figures: 7 posts and 15 inquiries in the primary."""
    with made_ground(rows=None) as ground:
        yield ground
