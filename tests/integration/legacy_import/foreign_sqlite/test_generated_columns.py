"""Declared columns that SQLite computes."""

from pathlib import Path

import pytest

from legacy_import.validation.migration_validator import MigrationValidator
from tests.imports import run_import
from tests.integration.legacy_import.foreign_sqlite.their_program import (
    PRIMARY,
    land_and_rebuild,
    table_rows,
    their_program,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


@pytest.mark.parametrize("kind", ["VIRTUAL", "STORED"])
def test_a_declared_column_that_is_computed_lands(kind: str, legacy_dir: Path) -> None:
    make_generated(legacy_dir, "views", f"INTEGER GENERATED ALWAYS AS (likes * 100) {kind}")

    report, file = land_and_rebuild(legacy_dir)

    assert report.status == "completed"
    assert not [note for note in report.notes if "views" in note]
    posts = table_rows(file.path, "linkedin_posts")
    assert posts == table_rows(legacy_dir / PRIMARY.path, "linkedin_posts")


def test_a_declared_stored_column_of_an_unknown_function_lands_and_comes_back(legacy_dir: Path) -> None:
    make_generated(legacy_dir, "business_objective", "TEXT GENERATED ALWAYS AS (slug(substr(content, 1, 5))) STORED")

    report, file = land_and_rebuild(legacy_dir)

    assert report.tables["linkedin_posts"].inserted == 7
    assert table_rows(file.path, "linkedin_posts") == table_rows(legacy_dir / PRIMARY.path, "linkedin_posts")


@pytest.mark.parametrize("column", ["estimated_value", "created_at", "contact_name", "source_post_id"])
def test_a_declared_virtual_column_of_an_unknown_function_costs_its_values_alone(column: str, legacy_dir: Path) -> None:
    make_generated(legacy_dir, column, "TEXT AS (slug(status)) VIRTUAL", table="consultation_inquiries")

    report = run_import("primary", legacy_dir)
    checks = MigrationValidator(legacy_dir, sources=[PRIMARY]).validate_data()

    assert (report.error, report.tables["consultation_inquiries"].inserted) == (None, 15)
    said = f"column consultation_inquiries.{column} is computed by what this SQLite lacks"
    assert [check.detail for check in checks if said in check.detail]
    assert [check.detail for check in checks if not check.passed] == []


def make_generated(folder: Path, column: str, definition: str, *, table: str = "linkedin_posts") -> None:
    """Make a declared column of a table one that SQLite computes."""
    with their_program(folder / PRIMARY.path) as file:
        (sql,) = file.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        names = [row[1] for row in file.execute(f"PRAGMA table_info({table})") if row[1] != column]
        kept = ", ".join(names)
        line = next(line for line in sql.splitlines() if line.split()[:1] == [column])
        comma = "," if line.rstrip().endswith(",") else ""
        file.executescript(
            f"ALTER TABLE {table} RENAME TO old; {sql.replace(line, f'    {column} {definition}{comma}')};"
            f"INSERT INTO {table} ({kept}) SELECT {kept} FROM old; DROP TABLE old;"
        )
