"""More tables or columns than PostgreSQL can stage: the sentence says the limit, and the limit itself still lands."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connections

from legacy_import.errors import TerminalError
from legacy_import.pipeline.stage import schema_limits
from legacy_import.pipeline.stage.legacy_schema import LegacySchema, LegacyTable
from legacy_import.pipeline.stage.schema_limits import MAX_COLUMNS, check_schema_limits
from legacy_import.services import export_sources, validate_data
from legacy_import.sources import source_named
from tests.imports import rows, run_import
from tests.legacy_files import PRIMARY

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


def add_wide_table(path: Path, columns: int) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"CREATE TABLE wide ({', '.join(f'c{number} TEXT' for number in range(columns))})")
        file.execute("INSERT INTO wide (c0, c7) VALUES ('first', 'eighth')")


def add_tables(path: Path, count: int) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        for number in range(count):
            file.execute(f"CREATE TABLE extra_{number} (c TEXT)")


def wide_rows(path: Path) -> list[tuple[str | None, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute("SELECT * FROM wide").fetchall()


def table_count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0])


def test_widest_table_lands_and_comes_back(legacy_dir: Path, tmp_path: Path) -> None:
    add_wide_table(legacy_dir / PRIMARY, MAX_COLUMNS)

    report = run_import("primary", legacy_dir)

    assert report.error is None
    assert report.tables["wide"].archived == 1
    (rebuilt,) = export_sources([source_named("primary")], tmp_path / "out")
    assert wide_rows(rebuilt.path) == wide_rows(legacy_dir / PRIMARY)
    assert [check.detail for check in validate_data(legacy_dir) if check.scope == "primary" and not check.passed] == []


@pytest.mark.parametrize("columns", [MAX_COLUMNS + 1, 1_999])
def test_wider_table_is_refused_with_the_limit(columns: int, legacy_dir: Path) -> None:
    add_wide_table(legacy_dir / PRIMARY, columns)

    report = run_import("primary", legacy_dir)

    assert report.error == (
        f"{PRIMARY}: table wide has {columns:,} columns, and at most 1,595 can be imported (a limit of PostgreSQL):"
        " split it in the file, or leave out what nobody needs"
    )
    assert report.needs_person


def test_file_that_grew_too_wide_fails_its_validation_with_the_limit(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    add_wide_table(legacy_dir / PRIMARY, 1_999)

    failed = [check.detail for check in validate_data(legacy_dir) if check.scope == "primary" and not check.passed]

    assert any("at most 1,595 can be imported" in detail for detail in failed)


@pytest.fixture
def ten_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lock table have room for ten tables."""
    monkeypatch.setattr(schema_limits, "_read_lock_settings", lambda _cursor: (64, 63))


def test_as_many_tables_as_there_are_locks_land(legacy_dir: Path, ten_tables: None) -> None:
    add_tables(legacy_dir / PRIMARY, 10 - table_count(legacy_dir / PRIMARY))

    assert run_import("primary", legacy_dir).error is None


def test_one_table_more_is_refused_with_the_limit(legacy_dir: Path, ten_tables: None) -> None:
    add_tables(legacy_dir / PRIMARY, 11 - table_count(legacy_dir / PRIMARY))

    report = run_import("primary", legacy_dir)

    assert report.error
    assert "it has 11 tables, and at most 10 can be imported" in report.error
    assert "max_locks_per_transaction of 64" in report.error


def test_twenty_thousand_tables_are_refused_with_the_limit() -> None:
    # SQLite takes minutes to make them.
    schema = LegacySchema((LegacyTable("t", (), None),) * 20_000, (), {})

    with connections["default"].cursor() as cursor, pytest.raises(TerminalError) as refused:
        check_schema_limits(cursor, schema, file="many.db")

    ((locks,),) = rows("default", "SELECT current_setting('max_locks_per_transaction')")
    assert str(refused.value).startswith("many.db: it has 20,000 tables, and at most ")
    assert f"max_locks_per_transaction of {locks}: raise that and restart PostgreSQL" in str(refused.value)
