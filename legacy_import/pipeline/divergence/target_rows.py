"""Reading target rows as they are now, and who changed a column last: what a person's choice is checked against.

Called by legacy_import.services.choosing_values and the admin's pages of divergences.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier
from legacy_import.pipeline.target_table import TargetTable, target_table_of
from legacy_import.sources import SOURCES

Place = tuple[str, UUID]
"""A target table and the key of one of its rows."""

Rows = dict[Place, dict[str, Any]]
"""Target rows by their places, each as JSON values by column."""


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last change of a column. `author` is empty where no account is known; an import's has none."""

    author: str
    changed_at: datetime
    by_import: bool
    value: Any


def find_target_table(table: str) -> TargetTable:
    """Return the target table of that name. Raises LookupError where no source declares it."""
    models = {mapping.model for source in SOURCES for mapping in source.tables}
    found = next((target for target in map(target_table_of, sorted(models)) if target.name == table), None)
    if found is None:
        raise LookupError(f"{table} is no target of a declared source")
    return found


def read_target_rows(cursor: CursorWrapper, places: Collection[Place], *, lock: bool = False) -> Rows:
    """Return the rows that are there, in one query per table; locked ones stay so until the transaction ends."""
    rows: Rows = {}
    for table in sorted({table for table, _ in places}):
        key = identifier(find_target_table(table).key)
        cursor.execute(
            f"SELECT t.{key}, to_jsonb(t) FROM {identifier(table)} AS t WHERE t.{key} = ANY(%s) ORDER BY t.{key}"
            + (" FOR UPDATE" if lock else ""),
            [sorted({row for name, row in places if name == table})],
        )
        rows |= {(table, row): json.loads(values) for row, values in cursor.fetchall()}
    return rows


def read_last_changes(
    cursor: CursorWrapper, places: Collection[Place], columns: Collection[str]
) -> Mapping[tuple[str, UUID, str], LastChange]:
    """Return the last change of each of the columns, where the log knows one, by table, row and column."""
    cursor.execute(
        """
        SELECT DISTINCT ON (c.table_name, c.row_key, n.key)
               c.table_name, c.row_key, n.key, c.author, c.changed_at, c.import_run IS NOT NULL, n.value
        FROM unnest(%s::text[], %s::uuid[]) AS p(table_name, row_key)
        JOIN change_log AS c USING (table_name, row_key)
        CROSS JOIN LATERAL jsonb_each(c.new) AS n
        WHERE n.key = ANY(%s)
        ORDER BY c.table_name, c.row_key, n.key, c.id DESC
        """,
        [[table for table, _ in places], [row for _, row in places], list(columns)],
    )
    return {
        (table, row, column): LastChange(author or "", changed_at, by_import, json.loads(value))
        for table, row, column, author, changed_at, by_import, value in cursor.fetchall()
    }
