"""Attempts of a merge beside people who write: optimistic, checked at its end, begun anew where one was in between.

A merge reads edits, judges and compares without a lock, locks the rows it writes as it comes to them, and asks the
change log at its end whether a person changed one of them after the merge had begun to read. If so, all of it is rolled
back and done again; the rows are then locked before anything is read. So a person's edit is never overwritten, and
whoever saves another row does not wait. Called by source_import; ADR 0030 has the reasons.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.db.backends.utils import CursorWrapper

from legacy_import.errors import TransientError
from legacy_import.pipeline.edits import unseen_by_sql
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.row_locks import (
    MAX_KEPT_KEYS,
    PATIENCE_SECONDS,
    Keys,
    RowsEditedError,
    RowsHeldError,
    give_way,
    lock_keys,
    lock_target_rows,
)
from legacy_import.pipeline.source_lock import TABLES_TIMEOUT_SECONDS, held_tables_message, lock_tables
from legacy_import.pipeline.target_table import targets_of_database
from legacy_import.sources import sources_of_database
from synapse.foundation.lock_waits import bounded_wait_seconds, is_lock_refusal

MAX_OPTIMISTIC_ATTEMPTS: Final = 3
"""So often people may be in the way; then the tables are locked, and nobody can be."""
MAX_HELD_ATTEMPTS: Final = 5
"""So often, each half a second, rows may be held; then the tables are locked: people who never pause would go on."""
_PAUSE_SECONDS: Final = 0.1

T = TypeVar("T")


class Merge(Protocol):
    """What is attempted; it is told whether the tables are locked."""

    def __call__(self, *, alone: bool) -> None:
        """Merge from the beginning."""


@dataclass(slots=True)
class MergeAttempts:
    """The attempts of one run's merge. `disturbed` counts those that people's writing brought to nothing.

    `keys` are the rows that an attempt which came to nothing wrote, or wanted.
    """

    cursor: CursorWrapper
    source: str
    run: str
    disturbed: int = 0
    held: int = 0
    keys: Keys = field(default_factory=dict)
    held_since: float | None = None

    def merge_undisturbed(self, merge: Merge, *, locks_tables: bool) -> None:
        """Call `merge` until nobody was in its way.

        The business tables are locked with `locks_tables`, and where people come in between again and again. Raises
        TransientError where somebody's transaction has held rows or tables for 30 seconds.
        """
        while True:
            alone = locks_tables or self.disturbed >= MAX_OPTIMISTIC_ATTEMPTS or self.held >= MAX_HELD_ATTEMPTS
            try:
                with transaction.atomic(using=self.cursor.db.alias):
                    self._merge_once(merge, alone=alone)
                    return
            except RowsEditedError as error:
                if alone:
                    # Nobody can have edited them since: it would be so again, without end.
                    raise
                self._keep(error.keys)
                self.disturbed += 1
            except RowsHeldError as error:
                # Not counted as disturbed: the others only have to end, and hardly anybody waits for this meanwhile.
                self._wait_for_holders(error.keys)
            except (OperationalError, IntegrityError) as error:
                # A unique value or a parent may have been taken away meanwhile; else it fails under the lock, too.
                if alone or not (isinstance(error, IntegrityError) or is_lock_refusal(error)):
                    raise
                self.disturbed += 1
                time.sleep(_PAUSE_SECONDS)

    def _merge_once(self, merge: Merge, *, alone: bool) -> None:
        cursor = self.cursor
        if alone:
            lock_tables(cursor)
        else:
            give_way(cursor)
        lock_keys(cursor, targets_of_database(cursor.db.alias), self.keys)
        # What follows is work: a row that is held after it is waited for from then on.
        self.held_since = None
        cursor.execute("SELECT pg_current_snapshot()::text")
        began: str = cursor.fetchone()[0]
        merge(alone=alone)
        if not alone:
            self._refuse_disturbed_merge(began)
        # Deferred foreign keys are checked here, where the merge can be done again, not at the COMMIT.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL lock_timeout = '30s'")

    def _refuse_disturbed_merge(self, began: str) -> None:
        """Raise RowsEditedError where a person changed a row that the run wrote, and the snapshot `began` is older."""
        cursor = self.cursor
        # A row of which only the ledger was written counts its edits from this run on, so none may be under way.
        for target in targets_of_database(cursor.db.alias):
            lock_target_rows(
                cursor,
                target,
                f"SELECT l.target_key FROM ledger AS l WHERE l.source = {literal(self.source)}"
                f" AND l.run_id = {literal(self.run)}::uuid AND l.target_table = {literal(target.name)}"
                " AND l.state IN ('gone', 'quarantined', 'archived')",
            )
        references = [
            column.reference
            for source in sources_of_database(cursor.db.alias)
            for table in source.tables
            for column in table.columns
            if column.reference and column.reference.text_column
        ]
        names: dict[str, Any] = {
            "run": self.run,
            "began": began,
            "parents": [one.parent for one in references],
            "texts": [str(one.text_column) for one in references],
        }
        cursor.execute(_DISTURBED, names)
        if cursor.fetchone()[0]:
            cursor.execute(_WRITTEN, {"run": self.run})
            raise RowsEditedError(dict(cursor.fetchall()))

    def _wait_for_holders(self, keys: Keys) -> None:
        """Wait a moment, with nothing locked, for whoever holds one of the rows."""
        now = time.monotonic()
        self.held += 1
        self.held_since = now if self.held_since is None else self.held_since
        waited = now - self.held_since
        if waited > bounded_wait_seconds(TABLES_TIMEOUT_SECONDS):
            raise TransientError(held_tables_message(self.cursor.db.alias, waited))
        self._keep(keys)
        time.sleep(_PAUSE_SECONDS)

    def _keep(self, keys: Keys) -> None:
        for table, found in keys.items():
            self.keys[table] = list({*self.keys.get(table, ()), *found})


# An entry of a restored dump whose transaction's number this server gives out just now costs an attempt.
_DISTURBED: Final = f"""
    SELECT EXISTS (
        SELECT FROM change_log AS c
        WHERE {unseen_by_sql("%(began)s")}
          AND c.import_run IS NULL
          AND c.transaction_id IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint
          AND (
            EXISTS (SELECT FROM ledger AS l WHERE l.target_key = c.row_key AND l.owns AND l.run_id = %(run)s::uuid)
            OR EXISTS (
                SELECT FROM ledger AS l WHERE l.target_key = c.row_key AND NOT l.owns AND l.run_id = %(run)s::uuid)
            OR EXISTS (
                SELECT FROM change_log AS w WHERE w.table_name = c.table_name AND w.row_key = c.row_key
                AND w.import_run = %(run)s::uuid)
            OR EXISTS (
                SELECT FROM before_image AS b WHERE b.run_id = %(run)s::uuid AND b.table_name = 'ledger'
                AND b.old ->> 'target_key' = c.row_key::text)
            -- A parent made here may have been found by one statement and missed by another.
            OR c.table_name = ANY(%(parents)s) AND c.new ?| %(texts)s))
"""

_WRITTEN: Final = f"""
    SELECT target_table, array_agg(target_key) FROM (
        SELECT l.target_table, l.target_key FROM ledger AS l
        WHERE l.run_id = %(run)s::uuid AND l.target_key IS NOT NULL AND NOT l.brought
        UNION
        SELECT w.table_name, w.row_key FROM change_log AS w WHERE w.import_run = %(run)s::uuid
        LIMIT {MAX_KEPT_KEYS}
    ) AS written GROUP BY target_table
"""


def retry_while_held(alias: str, attempt: Callable[[bool], T]) -> T:
    """Call `attempt`, which is one transaction, until it gets the locks it wants; 30 seconds of waiting at most.

    It is told whether to lock the tables, which it is once rows were held again and again, and after RowsEditedError,
    which is passed on from then on. Raises TransientError where somebody else held the rows for so long.
    """
    held, waited, alone = 0, 0.0, False
    while True:
        try:
            return attempt(alone)
        except RowsEditedError:
            if alone:
                raise
            alone = True
        except (RowsHeldError, OperationalError) as error:
            if not (isinstance(error, RowsHeldError) or is_lock_refusal(error)):
                raise
            # Only the wait is counted that ended the attempt: its work before that may take longer than any patience.
            waited += PATIENCE_SECONDS
            if waited > bounded_wait_seconds(TABLES_TIMEOUT_SECONDS):
                raise TransientError(held_tables_message(alias, waited)) from error
            held += 1
            alone = alone or held >= MAX_HELD_ATTEMPTS
        time.sleep(_PAUSE_SECONDS)
        waited += _PAUSE_SECONDS


def disturbed_notes(disturbed: int) -> list[str]:
    """Return the remark on attempts that came to nothing, none where all went well at once."""
    if not disturbed:
        return []
    times = "once" if disturbed == 1 else f"{disturbed} times"
    return [f"people were changing rows that this import writes: it began anew {times}, and their changes stay"]
