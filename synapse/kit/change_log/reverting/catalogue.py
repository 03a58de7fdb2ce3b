"""The tables that carry the change log's triggers, as the database itself tells of them.

What lives here: reading the catalogue. What does not: Django's models; a change is taken back without them.
"""

from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Final

from django.db import connections
from django.db.backends.utils import CursorWrapper

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
_NAMES: Final = """
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

    `is_required`: it can't be empty, or the row goes along with its parent. `is_logged`: the log tells of the child.
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

    def only(self, names: set[str]) -> "Catalogue":
        """Return the tables of these names, in the same order, with all references."""
        return Catalogue(tuple(table for table in self.tables if table.name in names), self.references)


def logged_tables(alias: str) -> list[str]:
    """Return the names of the database's logged tables."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_NAMES)
        return [name for (name,) in cursor.fetchall()]


def read_catalogue(cursor: CursorWrapper) -> Catalogue:
    """Return what the database says of its logged tables."""
    cursor.execute(_TABLES)
    found = {row[0]: row for row in cursor.fetchall()}
    cursor.execute(_REFERENCES, [list(found), list(found)])
    references = tuple(Reference(*row) for row in cursor.fetchall())
    tables = tuple(
        LoggedTable(
            name=name,
            key=found[name][1],
            columns=tuple(found[name][2]),
            filled_json=frozenset(found[name][3]),
            references=frozenset(one.column for one in references if one.child == name),
        )
        for name in _parents_first(set(found), references)
    )
    return Catalogue(tables, references)


def _parents_first(names: set[str], references: tuple[Reference, ...]) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter({name: set() for name in sorted(names)})
    for one in references:
        if one.child in names and one.child != one.parent:
            sorter.add(one.child, one.parent)
    return list(sorter.static_order())
