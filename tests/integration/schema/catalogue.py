"""What PostgreSQL's catalogue says of a schema, in a form two schemas can be compared by."""

from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attidentity,
        row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""

_CONSTRAINTS = """
    SELECT c.relname, k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated,
        k.confdeltype, k.confupdtype, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = %s::regnamespace
"""

_INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s
"""

_VIEWS = """
    SELECT c.relname, c.relkind, pg_get_viewdef(c.oid)
    FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('v', 'm')
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A database that holds the migrated tables in `public` and the specified ones in `specification`."""

    cursor: CursorWrapper

    def columns(self, schema: str) -> list[tuple[Any, ...]]:
        """Return table, name, type, nullability, default and place of each column, in order."""
        return self._rows(_COLUMNS, schema)

    def constraints(self, schema: str) -> set[tuple[Any, ...]]:
        """Return table, name, kind, deferrability, actions and definition of each constraint."""
        return set(self._rows(_CONSTRAINTS, schema))

    def indexes(self, schema: str) -> set[tuple[Any, ...]]:
        """Return table, name and definition of each index."""
        return set(self._rows(_INDEXES, schema))

    def views(self, schema: str) -> set[tuple[Any, ...]]:
        """Return name, kind and definition of each view."""
        return set(self._rows(_VIEWS, schema))

    def _rows(self, query: str, schema: str) -> list[tuple[Any, ...]]:
        self.cursor.execute(query, [schema])
        # Only how a definition names its schema may differ.
        return [
            tuple(value.replace(f"{schema}.", "") if isinstance(value, str) else value for value in row)
            for row in self.cursor.fetchall()
        ]
