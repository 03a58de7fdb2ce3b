"""How many tables and columns of one file PostgreSQL can stage: asked before the first row is read.

Without it PostgreSQL stops in the middle, and a file of thousands of tables takes the locks of everybody else.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.errors import TerminalError
from legacy_import.pipeline.stage.legacy_schema import LegacySchema

MAX_COLUMNS: Final = 1_600 - 5
"""PostgreSQL's limit, less the stage's own: row_id, surrogate, ledger_id, target_key, original (stage.py)."""
_LOCKS_OF_A_STAGE: Final = 5
"""Measured: a temporary table with a generated column, its TOAST table and that one's index, each held to the end."""
_SHARE_OF_LOCKS: Final = 0.8
"""The rest of the lock table is for the other sessions."""


def check_schema_limits(cursor: CursorWrapper, schema: LegacySchema, *, file: str) -> None:
    """Raise TerminalError, which says the limit, where the file has more tables or columns than can be staged."""
    for table in schema.tables:
        if len(table.columns) > MAX_COLUMNS:
            raise TerminalError(
                f"{file}: table {table.name} has {len(table.columns):,} columns, and at most {MAX_COLUMNS:,} can be"
                " imported (a limit of PostgreSQL): split it in the file, or leave out what nobody needs"
            )
    locks_per_transaction, lock_count = _read_lock_settings(cursor)
    max_tables = int(lock_count * _SHARE_OF_LOCKS) // _LOCKS_OF_A_STAGE
    if len(schema.tables) > max_tables:
        raise TerminalError(
            f"{file}: it has {len(schema.tables):,} tables, and at most {max_tables:,} can be imported with"
            f" PostgreSQL's max_locks_per_transaction of {locks_per_transaction:,}: raise that and restart PostgreSQL,"
            " or leave out what nobody needs"
        )


def _read_lock_settings(cursor: CursorWrapper) -> tuple[int, int]:
    """Return max_locks_per_transaction, and how many locks all sessions together can hold."""
    cursor.execute(
        "SELECT setting::int, setting::int * (current_setting('max_connections')::int"
        " + current_setting('max_prepared_transactions')::int)"
        " FROM pg_settings WHERE name = 'max_locks_per_transaction'"
    )
    one, every = cursor.fetchone()
    return one, every
