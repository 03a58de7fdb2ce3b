"""A legacy table's mapping as the design tells it, and holding the rows that landed against it.

What lives here: the statement's shape and the comparison. What does not: the statements, one test module per source.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Model

from legacy_import.cells import deserialize_cell
from legacy_import.demo.rows import Cell
from legacy_import.models import LedgerRow
from legacy_import.sources import source_named
from tests.integration.legacy_import.sources.readings import Reading
from tests.legacy_files import change, column_names

Legacy = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MappedTable:
    """Where each column of one legacy table goes; `kept` ones have no target, so the ledger keeps them."""

    source: str
    table: str
    model: str
    key: str
    columns: Mapping[Legacy, tuple[str, Reading]]
    constants: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.source}-{self.table}"

    @property
    def alias(self) -> str:
        return source_named(self.source).database

    @property
    def target(self) -> type[Model]:
        return apps.get_model(self.model)

    @property
    def reference(self) -> str:
        """The legacy column that points to a parent; empty where none does."""
        return next((str(legacy) for legacy, (_, reading) in self.columns.items() if reading.parent), "")

    def file(self, folder: Path) -> Path:
        """Return the source's file in a legacy folder."""
        return folder / source_named(self.source).path

    def telling_row(self, **cells: Cell) -> dict[str, Cell]:
        """Return a row with another value in every column, so that each is known by its value; `cells` go before."""
        row: dict[str, Cell] = {}
        for position, (legacy, (_, reading)) in enumerate(self.columns.items()):
            example = reading.example(position)
            row |= dict(zip(legacy, example, strict=True)) if isinstance(legacy, tuple) else {legacy: example}
        return row | {name: f"kept {name}" for name in self.kept} | cells

    def insert(self, folder: Path, **cells: Cell) -> dict[str, Cell]:
        """Write a telling row into the file in a legacy folder; return it."""
        row = self.telling_row(**cells)
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        change(self.file(folder), f"INSERT INTO {self.table} ({names}) VALUES ({marks})", *row.values())
        return row

    def legacy_rows(self, folder: Path) -> list[dict[str, Any]]:
        """Return the rows of the file in a legacy folder."""
        with closing(sqlite3.connect(self.file(folder))) as file:
            file.row_factory = sqlite3.Row
            return [dict(row) for row in file.execute(f"SELECT * FROM {self.table}")]


def same(reading: Reading, *names: str) -> dict[Legacy, tuple[str, Reading]]:
    """Return columns that keep their name."""
    return {name: (name, reading) for name in names}


def landed(mapped: MappedTable, key: Cell) -> dict[str, Any]:
    """Return the target row of a legacy row, by column, JSON columns read."""
    table, pk = mapped.target._meta.db_table, mapped.target._meta.pk.column
    with connections[mapped.alias].cursor() as cursor:
        cursor.execute(
            f"SELECT t.* FROM {table} AS t JOIN ledger AS l ON l.target_key = t.{pk}"
            " WHERE l.source = %s AND l.legacy_table = %s AND l.key = %s AND l.state = 'live'",
            [mapped.source, mapped.table, str(key)],
        )
        (row,) = cursor.fetchall()
        columns = [column.name for column in cursor.description]
    values = dict(zip(columns, row, strict=True))
    jsons = {f.column for f in mapped.target._meta.concrete_fields if f.get_internal_type() == "JSONField"}
    return {name: json.loads(v) if name in jsons and v is not None else v for name, v in values.items()}


def ledger_row(mapped: MappedTable, key: Cell) -> LedgerRow:
    """Return what the ledger says of a legacy row."""
    return LedgerRow.objects.using(mapped.alias).get(source=mapped.source, legacy_table=mapped.table, key=key)


def expected_values(mapped: MappedTable, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the design says a legacy row's target columns hold, those of no source left out."""
    values: dict[str, Any] = dict(mapped.constants)
    for legacy, (target, reading) in mapped.columns.items():
        cells = [row[name] for name in ((legacy,) if isinstance(legacy, str) else legacy)]
        if target:
            values[target] = _expected(mapped, reading, cells)
    return values


def kept_cells(mapped: MappedTable, key: Cell) -> dict[str, Any]:
    """Return the cells that the ledger keeps of a legacy row, as SQLite has them."""
    return {name: deserialize_cell(cell) for name, cell in (ledger_row(mapped, key).cells or {}).items()}


def unmapped_columns(mapped: MappedTable, folder: Path) -> set[str]:
    """Return the columns of the file that the statement does not speak of."""
    told = {name for legacy in mapped.columns for name in ((legacy,) if isinstance(legacy, str) else legacy)}
    return set(column_names(mapped.file(folder), mapped.table)) ^ (told | set(mapped.kept))


def _expected(mapped: MappedTable, reading: Reading, cells: list[Any]) -> Any:
    if cells[0] is None:
        return None
    if not reading.parent:
        return reading.read(*cells)
    parents = LedgerRow.objects.using(mapped.alias).filter(target_table=reading.parent, key=cells[0], owns=True)
    return parents.values_list("target_key", flat=True).first()
