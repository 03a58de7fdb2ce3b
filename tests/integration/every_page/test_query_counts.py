"""Ten rows or a hundred: every page asks the databases equally often."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from legacy_import.sources import SOURCES
from synapse.foundation.databases import ALIASES
from tests.every_page.addresses import every_address
from tests.every_page.paths import paths_of
from tests.imports import execute, run_import

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_NO_LISTS = ("csv", "export", "undo")
"""Downloads, and the page that undoes a run and takes that back: it costs what the run wrote."""
_FEW, _MANY = 10, 100
_NEW_PARTS = 3
"""A panel that has something to say for the first time asks for it; ninety rows more would ask ninety times."""


def test_no_page_asks_more_for_a_hundred_rows_than_for_ten(
    furnished: Path, tmp_path: Path, admin_client: Client, quiet_refusals: None, settings: Settings
) -> None:
    settings.LEGACY_LOSS_SHARE = 2.0  # the second folder's files are others than the first one's
    _import(tmp_path / "few", rows=_FEW)
    pages = [path for address in every_address() if address.page not in _NO_LISTS for path in paths_of(address)]
    _asked(admin_client, pages)  # what is asked once for a process, such as content types
    few = _asked(admin_client, pages)

    _import(tmp_path / "many", rows=_MANY)
    many = _asked(admin_client, pages)

    grown = {path: f"{few[path]} -> {many[path]}" for path in pages if many[path] > few[path] + _NEW_PARTS}
    assert grown == {}


def _import(folder: Path, *, rows: int) -> None:
    call_command("demo_legacy", str(folder), rows=rows, dirty=0.2, seed=7, verbosity=0)
    for source in SOURCES:
        assert run_import(source.name, folder).error is None
        execute(source.database, "DISCARD TEMP")


def _asked(client: Client, pages: list[str]) -> dict[str, int]:
    return {path: _count(client, path) for path in pages}


def _count(client: Client, path: str) -> int:
    with ExitStack() as watching:
        watches = [watching.enter_context(CaptureQueriesContext(connections[alias])) for alias in ALIASES]
        client.get(path)
    return sum(len(watch) for watch in watches)
