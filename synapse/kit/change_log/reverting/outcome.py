"""The outcome of a revert, done or previewed: what goes back and what is left as it is, read from the temporary tables.

Sentences and pages are made of it in synapse.kit.change_log.outcome_descriptions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.backends.utils import CursorWrapper

MAX_LISTED: Final = 200
"""Rows of each kind that are read one by one; the others are counted."""

# With who wrote the column, or deleted the row, after the changes. An import's inserts are not logged: nobody is named.
_LEFT: Final = """
    SELECT l.table_name, l.row_key, l.column_name, l.why, s.author, s.import_run, s.changed_at
    FROM (SELECT * FROM revert_left ORDER BY table_name, row_key, column_name LIMIT %s) AS l
    LEFT JOIN LATERAL (
        SELECT c.author, c.import_run, c.changed_at FROM change_log AS c
        WHERE c.table_name = l.table_name AND c.row_key = l.row_key AND c.id > l.last_id
          AND (l.column_name IS NULL OR c.new ? l.column_name) AND l.why LIKE '%%since%%'
        ORDER BY c.id DESC LIMIT 1
    ) AS s ON true
    ORDER BY l.table_name, l.row_key, l.column_name
"""
_ROWS: Final = """
    SELECT table_name, row_key, kind, old, new, back FROM revert_row WHERE verdict = 'back'
    ORDER BY table_name, row_key LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class LeftAsIs:
    """Something that is left as it is: a column, or the whole row where `column` is empty.

    `author` and `import_run` tell who wrote it since, both None where nobody signed or nobody wrote.
    """

    table: str
    key: UUID
    column: str
    why: str
    author: str | None
    import_run: UUID | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RevertedRow:
    """A row that goes back: what was done to it, the columns with the values they have, and those they get."""

    table: str
    key: UUID
    kind: str
    here: Mapping[str, Any]
    back: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What goes back, in numbers of rows by table, and what is left as it is; of both the first ones in full.

    `undo` is the address of the page that takes this back in turn; empty where nothing was written.
    """

    changed: Mapping[str, int]
    removed: Mapping[str, int]
    restored: Mapping[str, int]
    rows: tuple[RevertedRow, ...] = ()
    left: tuple[LeftAsIs, ...] = ()
    left_count: int = 0
    undo: str = field(default="")

    @property
    def total_rows(self) -> int:
        """How many rows go back."""
        return sum(sum(counts.values()) for counts in (self.changed, self.removed, self.restored))


def read_rows_left_as_is(cursor: CursorWrapper) -> tuple[tuple[LeftAsIs, ...], int]:
    """Return the first of what stays, and how much stays in all."""
    cursor.execute("SELECT count(*) FROM revert_left")
    total: int = cursor.fetchone()[0]
    cursor.execute(_LEFT, [MAX_LISTED])
    return tuple(LeftAsIs(row[0], row[1], row[2] or "", *row[3:]) for row in cursor.fetchall()), total


def read_rows(cursor: CursorWrapper) -> tuple[RevertedRow, ...]:
    """Return the first of the rows that go back."""
    cursor.execute(_ROWS, [MAX_LISTED])
    return tuple(_reverted_row(*row) for row in cursor.fetchall())


def _reverted_row(table: str, key: UUID, kind: str, *values: Any) -> RevertedRow:
    old, new, back = (json.loads(one) if isinstance(one, str) else one for one in values)
    if kind == "insert":
        return RevertedRow(table, key, kind, new, {})
    if kind == "delete":
        return RevertedRow(table, key, kind, {}, old)
    return RevertedRow(table, key, kind, {column: new.get(column) for column in back}, back)
