"""Loading rows before keys: on the first load of a large table its keys and indexes are built once, after the rows.

What lives here: taking keys, indexes and foreign keys away and putting the same ones back, inside the import's
transaction, so that a killed import leaves them as they were. What does not: deciding what is loaded (land).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier

MIN_DEFERRED_ROWS: Final = 10_000
"""Below this a load is over before taking locks and rebuilding indexes has paid."""

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
def defer_keys(cursor: CursorWrapper, table: str, *, worth_it: bool) -> Iterator[None]:
    """Take the table's keys and indexes away for the block and rebuild them after it; not where it isn't worth it."""
    rebuild = _drop_keys_and_indexes(cursor, identifier(table)) if worth_it else []
    yield
    for statement in rebuild:
        cursor.execute(statement)
    if rebuild:
        cursor.execute(f"ANALYZE {identifier(table)}")


def _drop_keys_and_indexes(cursor: CursorWrapper, table: str) -> list[str]:
    """Drop foreign keys from and to the table, its own keys, its indexes; return what puts them back, keys first."""
    foreign = _read_constraints(cursor, table, kinds="f")
    own = _read_constraints(cursor, table, kinds="pu")
    for holder, name, _ in foreign + own:
        cursor.execute(f"ALTER TABLE {holder} DROP CONSTRAINT {identifier(name)}")
    cursor.execute(_INDEXES, [table])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {identifier(name)}")
    return [
        *(f"ALTER TABLE {holder} ADD CONSTRAINT {identifier(name)} {definition}" for holder, name, definition in own),
        *(definition for _, definition in indexes),
        *(f"ALTER TABLE {holder} ADD CONSTRAINT {identifier(name)} {made}" for holder, name, made in foreign),
    ]


def _read_constraints(cursor: CursorWrapper, table: str, *, kinds: str) -> list[tuple[str, str, str]]:
    cursor.execute(_CONSTRAINTS, [list(kinds), table, table])
    found: list[tuple[str, str, str]] = cursor.fetchall()
    return found
