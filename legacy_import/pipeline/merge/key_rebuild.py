"""Bulk load: on the first load of a large table its keys and indexes are built once, after the rows.

Keys, indexes and foreign keys are dropped and the same ones put back inside the import's transaction: a killed import
leaves them as they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier

MIN_DEFERRED_ROWS: Final = 10_000
"""With fewer rows, taking the locks and rebuilding the indexes costs more than it saves."""

_CONSTRAINTS: Final = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype::text = ANY(%s) AND (conrelid = %s::regclass OR contype = 'f' AND confrelid = %s::regclass)
    ORDER BY contype = 'f', conname
"""
_INDEXES: Final = """
    SELECT c.relname, pg_get_indexdef(i.indexrelid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
    ORDER BY c.relname
"""


@contextmanager
def drop_and_rebuild_indexes(cursor: CursorWrapper, table: str, *, worth_it: bool) -> Iterator[None]:
    """Drop the table's keys and indexes for the block and build them again after it; not where it isn't worth it."""
    if not worth_it:
        yield
        return
    name = identifier(table)
    foreign = _read_constraints(cursor, name, kinds="f")
    own = _read_constraints(cursor, name, kinds="pu")
    # Foreign keys go first: while one points to a key, PostgreSQL lets nobody drop it.
    for holder, constraint, _ in foreign + own:
        cursor.execute(f"ALTER TABLE {holder} DROP CONSTRAINT {identifier(constraint)}")
    cursor.execute(_INDEXES, [name])
    indexes = cursor.fetchall()
    for index, _ in indexes:
        cursor.execute(f"DROP INDEX {identifier(index)}")
    yield
    for holder, constraint, definition in own:
        cursor.execute(f"ALTER TABLE {holder} ADD CONSTRAINT {identifier(constraint)} {definition}")
    for _, definition in indexes:
        cursor.execute(definition)
    for holder, constraint, definition in foreign:
        cursor.execute(f"ALTER TABLE {holder} ADD CONSTRAINT {identifier(constraint)} {definition}")
    cursor.execute(f"ANALYZE {name}")


def _read_constraints(cursor: CursorWrapper, table: str, *, kinds: str) -> list[tuple[str, str, str]]:
    cursor.execute(_CONSTRAINTS, [list(kinds), table, table])
    found: list[tuple[str, str, str]] = cursor.fetchall()
    return found
