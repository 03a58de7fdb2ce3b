"""The questions every source's test asks of every table it maps, as fixtures: `lands_whole` and `real_rows_land`."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Value

from tests.imports import run_import
from tests.integration.legacy_import.sources.mapped_table import (
    MappedTable,
    expected_values,
    kept_cells,
    landed,
    unmapped_columns,
)

Checks = Callable[..., None]


@pytest.fixture
def lands_whole(legacy_dir: Path) -> Checks:
    """Import a row with another value in every column, and find each in its place and nothing anywhere else.

    Without its `parent`, a row with a reference lands as an orphan: NULL there, and the ledger keeps the cell.
    """

    def check(mapped: MappedTable, *, parent: MappedTable | None = None) -> None:
        cells = {} if parent is None else {mapped.reference: parent.insert(legacy_dir)[parent.key]}
        row = mapped.insert(legacy_dir, **cells)
        started = datetime.now(UTC)

        assert run_import(mapped.source, legacy_dir).status == "completed"

        found = landed(mapped, row[mapped.key])
        expected = expected_values(mapped, row)
        assert_told(found, expected)
        assert_left_to_the_database(mapped, {name: found[name] for name in found.keys() - expected.keys()}, started)
        orphaned = {mapped.reference} if mapped.reference and parent is None else set()
        assert kept_cells(mapped, row[mapped.key]) == {name: row[name] for name in {*mapped.kept, *orphaned}}
        assert unmapped_columns(mapped, legacy_dir) == set()

    return check


@pytest.fixture
def real_rows_land(real_legacy_dir: Path) -> Checks:
    """Import the real file, and find each of the table's rows where the statement says."""

    def check(mapped: MappedTable, *, rows: int) -> None:
        legacy = mapped.legacy_rows(real_legacy_dir)
        assert len(legacy) == rows

        assert run_import(mapped.source, real_legacy_dir).status == "completed"

        for row in legacy:
            assert_told(landed(mapped, row[mapped.key]), expected_values(mapped, row))
            assert kept_cells(mapped, row[mapped.key]).items() >= {name: row[name] for name in mapped.kept}.items()

    return check


def assert_told(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Hold values and their types against each other: 1 is not True, and 0.5 no Decimal."""
    told = {name: found[name] for name in expected}
    assert told == expected
    assert {name: type(value) for name, value in told.items()} == {name: type(v) for name, v in expected.items()}


def assert_left_to_the_database(mapped: MappedTable, found: dict[str, Any], started: datetime) -> None:
    """What no source fills holds the column's own default: nothing, a constant, or the time of the import."""
    fields = {field.column: field for field in mapped.target._meta.concrete_fields}
    for name, value in found.items():
        default = fields[name].db_default
        if fields[name].primary_key:
            assert value is not None
        elif not fields[name].has_db_default():
            assert value is None, name
        elif isinstance(default, Value | str | int | bool | Decimal):
            assert value == (default.value if isinstance(default, Value) else default), name
        else:
            assert value >= started, name
