"""What taking changes back did, or would do, for whoever asks.

What lives here: reading the weighed rows. What does not: sentences and pages (synapse.kit.change_log.words, views).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.backends.utils import CursorWrapper

LISTED: Final = 200
"""So many rows of each kind are read one by one; the others are counted."""

# Whoever wrote the column, or deleted the row, after the changes. No log has an import's inserts: then nobody is named.
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
class Left:
    """Something that stays as it is: a column, or the whole row where `column` is empty.

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
class WeighedRow:
    """A row that goes back: what was done to it, the columns with the values they have, and those they get."""

    table: str
    key: UUID
    kind: str
    here: Mapping[str, Any]
    back: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What goes back, in numbers of rows by table, and what stays; of both the first ones in full.

    `undo` is the address of the page that takes this back in turn; empty where nothing was written.
    """

    changed: Mapping[str, int]
    removed: Mapping[str, int]
    restored: Mapping[str, int]
    rows: tuple[WeighedRow, ...] = ()
    left: tuple[Left, ...] = ()
    left_count: int = 0
    undo: str = field(default="")

    @property
    def total(self) -> int:
        """How many rows go back."""
        return sum(sum(counts.values()) for counts in (self.changed, self.removed, self.restored))


def read_left(cursor: CursorWrapper) -> tuple[tuple[Left, ...], int]:
    """Return the first of what stays, and how much stays in all."""
    cursor.execute("SELECT count(*) FROM revert_left")
    total: int = cursor.fetchone()[0]
    cursor.execute(_LEFT, [LISTED])
    return tuple(Left(row[0], row[1], row[2] or "", *row[3:]) for row in cursor.fetchall()), total


def read_rows(cursor: CursorWrapper) -> tuple[WeighedRow, ...]:
    """Return the first of the rows that go back."""
    cursor.execute(_ROWS, [LISTED])
    return tuple(_weighed(*row) for row in cursor.fetchall())


def _weighed(table: str, key: UUID, kind: str, *values: Any) -> WeighedRow:
    old, new, back = (json.loads(one) if isinstance(one, str) else one for one in values)
    if kind == "insert":
        return WeighedRow(table, key, kind, new, {})
    if kind == "delete":
        return WeighedRow(table, key, kind, {}, old)
    return WeighedRow(table, key, kind, {column: new.get(column) for column in back}, back)
