"""Random histories of two legacy files and of what people do here meanwhile: a seed says what happens.

What lives here: making the files and each step. What must hold of a history is asked by the test of it.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from django.db import DatabaseError

from legacy_import.errors import LegacyImportError
from legacy_import.sources import source_named
from tests.imports import run_import, state
from tests.integration.legacy_import.pipeline.diff.drawn_tables import TABLES
from tests.integration.legacy_import.pipeline.diff.history_steps import FILE_STEPS, STEPS_HERE, Step, insert_drawn_row

SOURCES: Final = ("primary", "duplicate")
_TIMES: Final = {"created_at", "updated_at"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What an import told and left: the figures of each legacy table, and all rows that the import keeps."""

    counts: dict[str, Any]
    state: dict[str, list[str]]


@dataclass(slots=True)
class History:
    """One history, played in a folder; `told` says what happened, `kept` what was here after each import."""

    seed: int
    folder: Path
    told: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)

    def play(self, steps: int) -> None:
        """Make the files, then take the steps: each changes files, does something here, and imports one file."""
        rng = Random(self.seed)  # noqa: S311 - reproducible, no secret
        for name in SOURCES:
            self._write_file(name, rng)
        self._import_file("primary")
        self._import_file("duplicate")
        for _ in range(steps):
            for _ in range(rng.randrange(5)):
                name = rng.choice(SOURCES)
                self._try(rng.choice(FILE_STEPS), name, rng)
            for _ in range(rng.randrange(3)):
                self._try(rng.choice(STEPS_HERE), rng.choice(SOURCES), rng)
            self._import_file(rng.choice(SOURCES))
        for name in SOURCES:
            self._import_file(name)

    def path(self, name: str) -> Path:
        """Return where the source's file lies."""
        return self.folder / source_named(name).path

    def _write_file(self, name: str, rng: Random) -> None:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as file, file:
            for table, columns in TABLES.items():
                # One table in five without a declared key, one in ten without a rowid.
                kind = rng.randrange(10)
                key = next(iter(columns))
                parts = [f"{column} {one.declared}" for column, one in columns.items()]
                if kind > 1:
                    parts.append(f"PRIMARY KEY ({key})")
                file.execute(f"CREATE TABLE {table} ({', '.join(parts)}){' WITHOUT ROWID' if kind == 9 else ''}")
                for cell in columns[key].cells:
                    if rng.random() < 0.6:
                        insert_drawn_row(file, table, rng, key=cell, odd=0.05)

    def _try(self, step: Step, name: str, rng: Random) -> None:
        before = len(self.told)
        try:
            step(self, name, rng)
        except (LegacyImportError, DatabaseError, sqlite3.Error) as error:
            self.told.append(f"{step.__name__} {name}: {error!s:.150}")
        if len(self.told) == before:
            self.told.append(f"{step.__name__} {name}")

    def _import_file(self, name: str) -> None:
        report = run_import(name, self.folder)
        assert report.error is None, (self.told, report.error)
        self.told.append(f"import {name}: {report.describe_outcomes()}")
        self.kept.append(Kept(report.as_json()["tables"], _state_without_times()))


def _state_without_times() -> dict[str, list[str]]:
    """Return all that the import keeps, less the times of the import that stand where the files say nothing."""
    kept = state("default")
    for table in ("posts", "business_pipeline", "ledger"):
        kept[table] = sorted(json.dumps(_without_times(json.loads(text))) for text in kept[table])
    return kept


def _without_times(row: dict[str, Any]) -> dict[str, Any]:
    row = {name: cell for name, cell in row.items() if name not in _TIMES}
    return row | {"base": _without_times(row["base"])} if row.get("base") else row
