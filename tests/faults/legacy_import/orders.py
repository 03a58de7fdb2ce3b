"""Importing legacy files in many orders, and comparing where each order ends.

What lives here: emptying the three databases, running a sequence of imports, and the state that is compared.
What does not: which files and which orders (the tests).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections

from legacy_import.operations import ImportRequest, import_sources
from legacy_import.pipeline.report import SourceReport
from legacy_import.sources import source_named
from synapse.databases import ALIASES
from tests.imports import RUN_COLUMNS, business_tables, rows

KEPT_TABLES = ("ledger", "legacy_file", "divergence")

State = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the import: some sources, from one folder."""

    folder: Path
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.folder.name}: {' '.join(self.names)}"


def empty_databases() -> None:
    """Truncate all that imports write, in the three databases."""
    for alias in ALIASES:
        tables = ", ".join((*business_tables(alias), *KEPT_TABLES, "import_run", "change_log"))
        with connections[alias].cursor() as cursor:
            cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


def run_steps(steps: Iterable[Step]) -> list[SourceReport]:
    """Import step by step into what is there."""
    return [
        report
        for step in steps
        for report in import_sources(
            [source_named(name) for name in step.names], ImportRequest(step.folder, requested_by="a test")
        )
    ]


def end_state(steps: Sequence[Step]) -> State:
    """Import step by step into empty databases; return what is there then."""
    empty_databases()
    started = rows("default", "SELECT clock_timestamp()")[0][0]
    failed = [report.error for report in run_steps(steps) if report.error]
    assert failed == []
    return whole_state(started)


def whole_state(started: datetime) -> State:
    """Return every row the imports keep, as sorted JSON per table; times since the start read `now`."""
    return {
        f"{alias}.{table}": sorted(
            json.dumps(_timeless(row, started), sort_keys=True)
            for (row,) in rows(alias, f'SELECT (to_jsonb(t) - %s::text[])::text FROM "{table}" AS t', [[*RUN_COLUMNS]])
        )
        for alias in ALIASES
        for table in (*business_tables(alias), *KEPT_TABLES)
    }


def _timeless(row: str, started: datetime) -> dict[str, Any]:
    """Return the row; what holds the time of an import because no source fills it says so."""
    return {name: "now" if _is_since(value, started) else value for name, value in json.loads(row).items()}


def _is_since(value: Any, started: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(value)
        return moment >= started
    except (TypeError, ValueError):
        return False


def differences(expected: State, found: State) -> list[str]:
    """Return the rows that only one of the two states holds."""
    return [
        f"{sign} {table} {row}"
        for table in expected
        for sign, these, those in (("-", expected, found), ("+", found, expected))
        for row in these[table]
        if row not in set(those[table])
    ]
