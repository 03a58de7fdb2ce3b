"""The logged tables and their foreign keys, from PostgreSQL's own catalogue.

Not from Django's models: a change is reverted as the database stands, whatever the models say by then.
"""

from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Final

from django.db import connections
from django.db.backends.utils import CursorWrapper

# tgargs holds the trigger's arguments, each ended by a NUL: the first is the key column.
_TABLES: Final = """
    SELECT c.relname, split_part(encode(t.tgargs, 'escape'), E'\\\\000', 1),
           array_agg(a.attname::text ORDER BY a.attnum),
           coalesce(array_agg(a.attname::text) FILTER (
               WHERE a.attnotnull AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype)), '{}')
    FROM pg_trigger AS t
    JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE t.tgname = 'change_log_update' AND pg_table_is_visible(c.oid)
    GROUP BY c.relname, t.tgargs ORDER BY c.relname
"""
_TABLE_NAMES: Final = """
    SELECT c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE t.tgname = 'change_log_update' AND pg_table_is_visible(c.oid) ORDER BY c.relname
"""
_REFERENCES: Final = """
    SELECT child.relname, pk.attname, fk.attname, parent.relname, target.attname, fk.attnotnull OR c.confdeltype = 'c',
           child.relname = ANY(%s)
    FROM pg_constraint AS c
    JOIN pg_class AS child ON child.oid = c.conrelid AND pg_table_is_visible(child.oid)
    JOIN pg_class AS parent ON parent.oid = c.confrelid AND pg_table_is_visible(parent.oid)
    JOIN pg_attribute AS fk ON fk.attrelid = child.oid AND fk.attnum = c.conkey[1]
    JOIN pg_attribute AS target ON target.attrelid = parent.oid AND target.attnum = c.confkey[1]
    JOIN pg_constraint AS p ON p.conrelid = child.oid AND p.contype = 'p'
    JOIN pg_attribute AS pk ON pk.attrelid = child.oid AND pk.attnum = p.conkey[1]
    WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND parent.relname = ANY(%s)
    ORDER BY c.conname
"""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of the child table that points to the parent's key.

    `is_required`: it can't be NULL, or the row is deleted with its parent. `is_logged`: the child has the log's
    triggers.
    """

    child: str
    child_key: str
    column: str
    parent: str
    parent_key: str
    is_required: bool
    is_logged: bool


@dataclass(frozen=True, slots=True)
class LoggedTable:
    """A table with the log's triggers: its key, its columns, which of them are JSON without NULL, which references."""

    name: str
    key: str
    columns: tuple[str, ...]
    filled_json: frozenset[str]
    references: frozenset[str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The logged tables, parents before their children, and the references that point to them."""

    tables: tuple[LoggedTable, ...]
    references: tuple[Reference, ...] = field(default=())

    def only_tables(self, names: set[str]) -> "Catalogue":
        """Return the tables of these names, in the same order, with all references."""
        return Catalogue(tuple(table for table in self.tables if table.name in names), self.references)


def logged_tables(alias: str) -> list[str]:
    """Return the names of the database's logged tables."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_TABLE_NAMES)
        return [name for (name,) in cursor.fetchall()]


def read_catalogue(cursor: CursorWrapper) -> Catalogue:
    """Return the logged tables, parents before their children, and the references to them."""
    cursor.execute(_TABLES)
    found = {row[0]: row for row in cursor.fetchall()}
    cursor.execute(_REFERENCES, [list(found), list(found)])
    references = tuple(Reference(*row) for row in cursor.fetchall())
    sorter: TopologicalSorter[str] = TopologicalSorter({name: set() for name in sorted(found)})
    for one in references:
        # A table that refers to itself needs no order; TopologicalSorter would call it a cycle.
        if one.child in found and one.child != one.parent:
            sorter.add(one.child, one.parent)
    tables = tuple(
        LoggedTable(
            name=name,
            key=found[name][1],
            columns=tuple(found[name][2]),
            filled_json=frozenset(found[name][3]),
            references=frozenset(one.column for one in references if one.child == name),
        )
        for name in sorter.static_order()
    )
    return Catalogue(tables, references)
