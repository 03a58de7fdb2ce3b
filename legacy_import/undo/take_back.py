"""Taking back a whole run, or some rows of the ledger: the sequence of an undo's steps, in the caller's transaction.

The caller (legacy_import.services.undoing, withdrawing) holds the locks and has undone dependent runs first.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from legacy_import.errors import TerminalError
from legacy_import.models import ImportRun
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.undo.dependent_runs import dependent_run_ids, runs_after
from legacy_import.undo.effects import gather_effects, target_tables
from legacy_import.undo.outcome import LeftChange, UndoneRun, read_left_changes
from legacy_import.undo.pruning import is_pruned
from legacy_import.undo.put_back import (
    exclude_later_changes,
    restore_ledger_rows,
    restore_stored_schema,
    restore_target_rows,
)
from legacy_import.undo.references import ForeignKey, foreign_keys


class ChangedSinceError(TerminalError):
    """People changed rows since the run that is to be taken back; `keys` are those of the first of them."""

    def __init__(self, left: Sequence[LeftChange]) -> None:
        super().__init__(f"changed here since: {left[0].sentence()}")
        self.keys = frozenset(change.key for change in left)


def revert_run(cursor: CursorWrapper, run: ImportRun) -> UndoneRun:
    """Revert all that the run did, less what people changed since; no later run may depend on it.

    The caller has the turn to merge; its session is in a run of its own (`synapse.import_run`). Raises RowsHeldError.
    """
    tables = target_tables(cursor.db.alias)
    gather_effects(cursor, run=str(run.pk))
    exclude_later_changes(cursor, tables, mark=run.change_mark)
    left, left_count = read_left_changes(cursor)
    counts = restore_target_rows(cursor, tables)
    with _without_before_images(cursor):
        ledger_rows = restore_ledger_rows(cursor, run=str(run.pk), whole=True)
        restore_stored_schema(cursor, run=str(run.pk))
    return UndoneRun(
        run=run,
        removed=dict(counts.removed),
        restored=dict(counts.restored),
        returned=dict(counts.returned),
        ledger_rows=ledger_rows,
        left=left,
        left_count=left_count,
    )


def revert_rows(cursor: CursorWrapper, *, ledger_ids: Sequence[UUID]) -> int:
    """Put these ledger rows and their targets back as they were before the run that last wrote each; return how many.

    What that run did to the same targets through other ledger rows, and to rows that refer to them, goes back as well.
    The caller has the turn to merge, and its session is in a run of its own (`synapse.import_run`). Raises
    TerminalError where a later run changed one of them since, ChangedSinceError where a person did, with nothing
    decided: roll back then.
    """
    cursor.execute(
        "SELECT run_id, array_agg(id) FROM ledger WHERE id = ANY(%s) GROUP BY run_id",
        [[str(one) for one in ledger_ids]],
    )
    groups = cursor.fetchall()
    runs = ImportRun.objects.using(cursor.db.alias).in_bulk([run for run, _ in groups])
    # The newest run first: what an older one brought may be what a newer one's rows refer to.
    groups.sort(key=lambda group: runs[group[0]].started_at, reverse=True)
    return sum(_revert_rows_of_run(cursor, runs[run], ids) for run, ids in groups)


def _revert_rows_of_run(cursor: CursorWrapper, run: ImportRun, ledger_ids: list[UUID]) -> int:
    tables = target_tables(cursor.db.alias)
    if is_pruned(cursor.db.alias, run):
        raise TerminalError(
            f"what the rows were before the run of {run.started_at:%Y-%m-%d %H:%M} is not kept any more"
        )
    gather_effects(cursor, run=str(run.pk))
    _narrow_effects(cursor, ledger_ids, foreign_keys(cursor, tables))
    later = runs_after(cursor.db.alias, run)
    upon = dependent_run_ids(cursor, run=str(run.pk), later=[str(one.pk) for one in later], whole=False)
    in_the_way = [f"{one.source} of {one.started_at:%Y-%m-%d %H:%M}" for one in later if str(one.pk) in upon]
    if in_the_way:
        raise TerminalError(f"a later run wrote to the rows or refers to them: {', '.join(in_the_way)}")
    exclude_later_changes(cursor, tables, mark=run.change_mark)
    left, _ = read_left_changes(cursor)
    if left:
        raise ChangedSinceError(left)
    restore_target_rows(cursor, tables)
    with _without_before_images(cursor):
        return restore_ledger_rows(cursor, run=str(run.pk), whole=False)


_SAME_TARGETS: Final = """
    INSERT INTO undo_scope
    SELECT u.id FROM undo_touched AS u LEFT JOIN ledger AS l ON l.id = u.id
    WHERE u.id NOT IN (SELECT id FROM undo_scope) AND EXISTS (
        SELECT FROM undo_scope AS s JOIN undo_touched AS su ON su.id = s.id LEFT JOIN ledger AS sl ON sl.id = s.id
        WHERE l.target_key IN (sl.target_key, (su.old ->> 'target_key')::uuid)
           OR (u.old ->> 'target_key')::uuid IN (sl.target_key, (su.old ->> 'target_key')::uuid))
"""
_NARROW: Final = """
    DELETE FROM undo_touched WHERE id NOT IN (SELECT id FROM undo_scope);
    DELETE FROM undo_inserted WHERE ledger_id NOT IN (SELECT id FROM undo_scope);
    DELETE FROM undo_changed AS c WHERE NOT EXISTS (
        SELECT FROM undo_touched AS u LEFT JOIN ledger AS l ON l.id = u.id
        WHERE l.target_key IN (c.before_key, c.after_key) OR (u.old ->> 'target_key')::uuid = c.before_key);
"""


def _narrow_effects(cursor: CursorWrapper, ledger_ids: list[UUID], keys: list[ForeignKey]) -> None:
    """Narrow the gathered effects to these ledger rows, those of the same targets, and children of inserted parents."""
    cursor.execute("DROP TABLE IF EXISTS undo_scope")
    cursor.execute(
        "CREATE TEMPORARY TABLE undo_scope ON COMMIT DROP AS SELECT unnest(%s::uuid[]) AS id",
        [[str(one) for one in ledger_ids]],
    )
    # To a fixed point: each row added may bring others of its target, and those their children.
    grew = True
    while grew:
        cursor.execute(_SAME_TARGETS)
        grew = cursor.rowcount > 0
        for key in keys:
            cursor.execute(_add_children_sql(key))
            grew = grew or cursor.rowcount > 0
    cursor.execute(_NARROW)


def _add_children_sql(key: ForeignKey) -> str:
    """Return SQL that adds the rows which the run pointed to a parent that it inserted."""
    return f"""
        INSERT INTO undo_scope
        SELECT u.id FROM undo_inserted AS i JOIN undo_scope AS s ON s.id = i.ledger_id
        JOIN {identifier(key.child)} AS c ON c.{identifier(key.column)} = i.key
        JOIN undo_changed AS g ON g.table_name = {literal(key.child)}
          AND g.after_key::text = c.{identifier(key.child_key)}::text AND g.back ? {literal(key.column)}
        JOIN ledger AS l ON l.target_key = g.after_key AND l.owns
        JOIN undo_touched AS u ON u.id = l.id
        WHERE i.table_name = {literal(key.parent)} AND u.id NOT IN (SELECT id FROM undo_scope)
    """


@contextmanager
def _without_before_images(cursor: CursorWrapper) -> Iterator[None]:
    """Write the import's own tables without before-images: an undo is undone by importing again."""
    cursor.execute("SELECT current_setting('synapse.import_run', true)")
    run = cursor.fetchone()[0] or ""
    if not run:
        raise RuntimeError("taking back belongs to a run: set synapse.import_run, or it looks like a person's work")
    cursor.execute("SELECT set_config('synapse.import_run', '', true)")
    yield
    cursor.execute("SELECT set_config('synapse.import_run', %s, true)", [run])
