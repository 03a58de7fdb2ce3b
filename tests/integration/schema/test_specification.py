"""The migrated tables are the specification's, to the letter; columns of ours only come after."""

from typing import Any

import pytest

from tests.integration.schema.catalogue import Database

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


_COLUMNS_OF_OURS = {
    ("consultation_inquiries", "next_action"),
    ("consultation_inquiries", "next_action_due_date"),
    ("test_variants", "position"),
    ("test_variants", "planned_share_percent"),
}


def _of(rows: Any, tables: set[str]) -> list[tuple[Any, ...]]:
    """Return the rows of the specification's own tables."""
    return [row for row in rows if row[0] in tables]


def test_columns_are_the_specified_ones_first_and_in_order(database: Database) -> None:
    specified = database.columns("specification")
    tables = {row[0] for row in specified}

    migrated = _of(database.columns("public"), tables)

    width = {table: sum(row[0] == table for row in specified) for table in tables}
    assert [row for row in migrated if row[-1] <= width[row[0]]] == specified
    assert {row[:2] for row in migrated if row[-1] > width[row[0]]} <= _COLUMNS_OF_OURS
    assert len(tables) > 1


def test_constraints_are_the_specified_ones(database: Database) -> None:
    specified = database.constraints("specification")
    tables = {row[0] for row in database.columns("specification")}

    migrated = set(_of(database.constraints("public"), tables))

    assert specified
    assert specified - migrated == set()
    # A column of ours may be NOT NULL, and may have a check that is listed here; nothing else may be added.
    added = {row[:3] for row in migrated - specified if row[2] != "n"}
    assert added <= {("test_variants", "test_variants_planned_share_percent_check", "c")}


def test_indexes_are_the_specified_ones(database: Database) -> None:
    specified = database.indexes("specification")
    tables = {row[0] for row in database.columns("specification")}

    migrated = set(_of(database.indexes("public"), tables))

    assert specified
    assert specified - migrated == set()
    assert {
        row for row in migrated - specified if not any("next_action_due_date" in str(part) for part in row)
    } == set()


def test_views_are_the_specified_ones(database: Database) -> None:
    specified = database.views("specification")

    migrated = _of(database.views("public"), {row[0] for row in specified})

    assert specified
    assert set(migrated) == specified
