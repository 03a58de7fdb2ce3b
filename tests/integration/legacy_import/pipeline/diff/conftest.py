"""Databases that are emptied between the plays of one history, and undos that need no dump."""

from collections.abc import Callable

import pytest
from django.db import connections
from pytest_django import Settings

from legacy_import.services import undoing
from tests.imports import business_tables

_OWN_TABLES = (
    "ledger",
    "legacy_file",
    "divergence",
    "import_run",
    "change_log",
    "before_image",
    "settlement",
    "source_sync",
)


@pytest.fixture
def emptied() -> Callable[[str], None]:
    """Return a function that empties what an import writes in one database."""

    def empty(alias: str) -> None:
        tables = ", ".join(f'"{name}"' for name in (*business_tables(alias), *_OWN_TABLES))
        with connections[alias].cursor() as cursor:
            cursor.execute(f"TRUNCATE {tables} CASCADE")

    return empty


@pytest.fixture(autouse=True)
def every_loss_is_a_deletion(settings: Settings) -> None:
    """Let rows come and go without asking a person; the question has tests of its own."""
    settings.LEGACY_LOSS_SHARE = 2.0


@pytest.fixture(autouse=True)
def no_dump_before_an_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "dump_before_change", lambda *_arguments: "no dump")
