"""Undoing runs in tests, and everything that an undo has to put back."""

from typing import Any

from legacy_import.services.undoing import UndoReport, UndoRequest, latest_import, undo_run
from legacy_import.sources import source_named
from tests.imports import business_tables, rows


def undo_latest(source: str, *, with_later: bool = False, dry_run: bool = False) -> UndoReport:
    """Undo the source's latest import as the test suite."""
    run = latest_import(source)
    return undo_run(
        UndoRequest(
            source_named(source).database, run.pk, requested_by="a test", with_later=with_later, dry_run=dry_run
        )
    )


def everything(alias: str) -> dict[str, list[str]]:
    """Return every row that an import writes, whole: run ids and times included."""
    tables = (*business_tables(alias), "ledger", "legacy_file", "divergence")
    return {table: [text for (text,) in _texts(alias, table)] for table in tables}


def _texts(alias: str, table: str) -> list[tuple[Any, ...]]:
    return rows(alias, f'SELECT to_jsonb(t)::text FROM "{table}" AS t ORDER BY 1')
