"""Row locks of an import or an undo: the target rows that it is about to write, and no others.

Nothing here waits inside PostgreSQL: a row that somebody else holds is tried again, and given up after half a second
with everything that was locked so far. So a person's save never waits for an import that waits for that very person,
and where two would, PostgreSQL finds no deadlock in which it might end the person's transaction.
"""

import time
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from legacy_import.errors import TransientError
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import TargetTable

PATIENCE_SECONDS: Final = 0.5
"""How long rows that were locked are kept while others are not to be had; PostgreSQL breaks deadlocks after 1 s."""
_PAUSE_SECONDS: Final = 0.02


MAX_KEPT_KEYS: Final = 50_000
"""So many rows' keys are kept from a failure, to be locked first when it is tried again."""

Keys = dict[str, list[UUID]]
"""Target rows' keys by table."""


class RowsHeldError(TransientError):
    """Somebody else holds some of the rows that were to be locked, `keys`; whoever meets it rolls back."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("somebody else is changing the same rows right now: try again in a minute")
        self.keys = keys


class RowsEditedError(TransientError):
    """A person changed rows that were to be written, after the writing had begun to read; `keys` are those to write."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("somebody changed the same rows in this moment: try again")
        self.keys = keys


def give_way(cursor: CursorWrapper) -> None:
    """Let the transaction wait for no lock until PostgreSQL looks for deadlocks: the import ends, not the person."""
    cursor.execute("SET LOCAL lock_timeout = '500ms'")


def lock_keys(cursor: CursorWrapper, targets: Iterable[TargetTable], keys: Keys) -> None:
    """Lock these rows of the tables, those that are there. Raises RowsHeldError after half a second."""
    for target in targets:
        if chosen := keys.get(target.name):
            listed = literal("{" + ",".join(map(str, chosen)) + "}")
            lock_target_rows(cursor, target, f"SELECT unnest({listed}::uuid[])")


def lock_target_rows(cursor: CursorWrapper, target: TargetTable, keys: str, *, for_delete: bool = False) -> None:
    """Lock the target's rows that are there of the keys in the subquery `keys`, until the transaction ends.

    Rows that refer to them may still be added, unless they are to be deleted or to get another key (`for_delete`).
    Raises RowsHeldError after half a second.
    """
    table, key = identifier(target.name), identifier(target.key)
    strength = "UPDATE" if for_delete else "NO KEY UPDATE"
    chosen = f"{table} AS t WHERE t.{key} IN ({keys})"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT FROM {chosen} ORDER BY t.{key} FOR {strength} SKIP LOCKED) AS locked"
        )
        locked: int = cursor.fetchone()[0]
        # Counted later: a row that was deleted in between is missing here, one that is held is missing there.
        cursor.execute(f"SELECT count(*) FROM {chosen}")
        if locked >= cursor.fetchone()[0]:
            return
        if time.monotonic() > deadline:
            cursor.execute(f"SELECT t.{key} FROM {chosen} LIMIT {MAX_KEPT_KEYS}")
            raise RowsHeldError({target.name: [found for (found,) in cursor.fetchall()]})
        time.sleep(_PAUSE_SECONDS)


def require_target_rows(cursor: CursorWrapper, target: TargetTable, keys: str) -> None:
    """Raise RowsEditedError where a row of the subquery `keys` (target_key) was deleted before it could be locked."""
    table, key = identifier(target.name), identifier(target.key)
    there = f"EXISTS (SELECT FROM {table} AS t WHERE t.{key} = k.target_key)"
    cursor.execute(f"SELECT EXISTS (SELECT FROM ({keys}) AS k WHERE NOT {there})")
    if cursor.fetchone()[0]:
        raise RowsEditedError({})
