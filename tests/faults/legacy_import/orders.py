"""Importing legacy files in many orders, and comparing where each order ends.

What lives here: emptying the three databases, running a sequence of imports, and the state that is compared.
What does not: which files and which orders (the tests).
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections

from legacy_import.pipeline.report import SourceReport
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.services import ImportRequest, import_sources
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ALIASES
from tests.imports import RUN_COLUMNS, business_tables, rows

KEPT_TABLES = ("ledger", "legacy_file", "divergence")

State = dict[str, list[str]]

_TARGETS = {target_table_of(table.model) for source in SOURCES for table in source.tables}
_KEYS = {target.name: target.key for target in _TARGETS}


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


def vouched(state: State) -> State:
    """Return what of the state some file still vouches for.

    A row that has left its file, or can no longer be read, keeps its last value: that is history, and history has an
    order. So rows without a live claim, and the ledger's rows of those that are gone, are left out.
    """
    kept = {}
    for alias in ALIASES:
        ledger = [json.loads(row) for row in state[f"{alias}.ledger"]]
        alive = {row["target_key"] for row in ledger if row["state"] == "live"}
        for table in business_tables(alias):
            found = state[f"{alias}.{table}"]
            kept[f"{alias}.{table}"] = [row for row in found if json.loads(row)[_KEYS[table]] in alive]
        for row in ledger:
            if row["target_key"] not in alive:
                del row["owns"]
        kept[f"{alias}.ledger"] = [json.dumps(row) for row in ledger if row["state"] != "gone"]
        kept[f"{alias}.divergence"] = state[f"{alias}.divergence"]
        kept[f"{alias}.legacy_file"] = state[f"{alias}.legacy_file"]
    return kept


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
    with suppress(TypeError, ValueError):
        return datetime.fromisoformat(value) >= started
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
