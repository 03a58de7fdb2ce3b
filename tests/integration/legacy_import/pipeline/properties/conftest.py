"""Databases that are emptied between the examples of one property."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.emptying import truncate_filled
from tests.imports import business_tables

_OWN_TABLES = ("ledger", "legacy_file", "divergence", "import_run", "change_log", "before_image", "settlement")


@pytest.fixture
def emptied() -> Callable[[str], None]:
    """Return a function that empties what an import writes in one database."""

    def empty(alias: str) -> None:
        truncate_filled(alias, (*business_tables(alias), *_OWN_TABLES))

    return empty


@pytest.fixture(autouse=True)
def every_loss_is_a_deletion(settings: Settings) -> None:
    """Let drawn files follow one another without asking a person; the question has tests of its own."""
    settings.LEGACY_LOSS_SHARE = 2.0
