"""Putting back what was gathered: target rows, then the ledger, divergences and the file's stored schema.

The statements run in the one order that violates no foreign key and no unique key.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models
from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.row_locks import lock_target_rows
from legacy_import.pipeline.target_table import TargetTable
from legacy_import.undo.later_choices import OF_TOUCHED_TARGETS, exclude_later_choices
from legacy_import.undo.later_edits import exclude_later_edits
from legacy_import.undo.references import foreign_keys, keep_referenced_parents


@dataclass(slots=True)
class PutBackCounts:
    """How many target rows were removed, restored (changed back) and returned (inserted again); and ledger rows."""

    removed: Counter[str] = field(default_factory=Counter)
    restored: Counter[str] = field(default_factory=Counter)
    returned: Counter[str] = field(default_factory=Counter)
    ledger_rows: int = 0


def exclude_later_changes(cursor: CursorWrapper, targets: tuple[TargetTable, ...], *, mark: int) -> None:
    """Take out of the gathered effects what people changed after the change-log entry `mark`: it stays.

    The rows are locked first, until the transaction ends, so that a change is either seen here or made afterwards.
    Raises RowsHeldError where somebody else holds one of them.
    """
    for target in targets:
        name = literal(target.name)
        keys = (
            f"SELECT i.key FROM undo_inserted AS i WHERE i.table_name = {name}"
            f" UNION SELECT u.after_key FROM undo_changed AS u WHERE u.table_name = {name}"
            " UNION SELECT d.target_key FROM undo_said AS s JOIN divergence AS d ON d.id = s.id"
            f" WHERE d.target_table = {name}"
        )
        lock_target_rows(cursor, target, keys, for_delete=True)
    exclude_later_edits(cursor, targets, mark=mark)
    exclude_later_choices(cursor, targets, mark=mark)
    keep_referenced_parents(cursor, foreign_keys(cursor, targets))
    cursor.execute(
        "UPDATE undo_touched AS u SET stays = true FROM undo_inserted AS i WHERE i.ledger_id = u.id AND i.stays"
    )
    cursor.execute("ANALYZE undo_touched, undo_inserted, undo_changed")


def restore_target_rows(cursor: CursorWrapper, targets: tuple[TargetTable, ...]) -> PutBackCounts:
    """Put the target rows back; the change log names the run that the session is in."""
    counts = PutBackCounts()
    # References go back before the rows they pointed to are deleted, keys only when the rows that took them are gone.
    for target in targets:
        _execute_and_count(cursor, counts.restored, target, _restore_changed_sql(target, "u.before_key = u.after_key"))
    for target in targets:
        table, key = identifier(target.name), identifier(target.key)
        delete = (
            f"DELETE FROM {table} AS t USING undo_inserted AS i"
            f" WHERE i.table_name = {literal(target.name)} AND NOT i.stays AND t.{key} = i.key"
        )
        _execute_and_count(cursor, counts.removed, target, delete)
    for target in targets:
        _execute_and_count(cursor, counts.restored, target, _restore_changed_sql(target, "u.before_key <> u.after_key"))
    for target in reversed(targets):
        _execute_and_count(cursor, counts.returned, target, _reinsert_deleted_sql(target))
    return counts


def restore_ledger_rows(cursor: CursorWrapper, *, run: str, whole: bool) -> int:
    """Put the ledger rows back, with what the import before had left where a person's value stays; return how many.

    `whole` says that all the run did goes back, hence all divergences it wrote.
    """
    _restore_divergences(cursor, run, "true" if whole else OF_TOUCHED_TARGETS)
    if not whole:
        _carry_over_row_ids(cursor, run)
    # Deleted and inserted, not updated: a row that the run made has no before-image and only goes.
    cursor.execute("DELETE FROM ledger AS l USING undo_touched AS u WHERE l.id = u.id AND NOT u.stays")
    count: int = cursor.rowcount
    cursor.execute(
        "INSERT INTO ledger SELECT r.* FROM undo_touched AS u"
        " CROSS JOIN LATERAL jsonb_populate_record(NULL::ledger, u.old) AS r WHERE u.old IS NOT NULL AND NOT u.stays"
    )
    cursor.execute(
        """
        UPDATE ledger AS l SET base = coalesce(l.base, '{}') || k.base
        FROM (SELECT before_key, jsonb_object_agg(column_name, value) AS base FROM undo_kept GROUP BY before_key) AS k
        WHERE l.owns AND l.target_key = k.before_key
        """
    )
    cursor.execute(
        "DELETE FROM before_image AS b USING undo_touched AS u"
        " WHERE b.run_id = %s AND b.table_name = 'ledger' AND b.row_key = u.id::text",
        [run],
    )
    return count


def _carry_over_row_ids(cursor: CursorWrapper, run: str) -> None:
    """Leave each row at the rowid it has in its file now, and let a later run's undo find what is put back here."""
    moved = (
        "b.table_name = 'ledger' AND b.row_key = u.id::text AND b.run_id <> %(run)s AND b.old ->> 'run_id' = %(run)s"
    )
    cursor.execute(
        f"""
        UPDATE undo_touched AS u SET old = u.old || jsonb_build_object('row_id', l.row_id)
        FROM ledger AS l WHERE l.id = u.id AND EXISTS (SELECT FROM before_image AS b WHERE {moved});
        UPDATE before_image AS b SET old = u.old || jsonb_build_object('row_id', b.old -> 'row_id')
        FROM undo_touched AS u WHERE {moved} AND u.old IS NOT NULL;
        DELETE FROM before_image AS b USING undo_touched AS u WHERE {moved} AND u.old IS NULL;
        """,
        {"run": run},
    )


def restore_stored_schema(cursor: CursorWrapper, *, run: str) -> None:
    """Put the file's stored schema back; one that the run stored first is deleted, unless rows that stay need it."""
    cursor.execute(
        """
        DELETE FROM legacy_file AS f USING before_image AS b
        WHERE b.run_id = %s AND b.table_name = 'legacy_file' AND b.row_key = f.source
          AND (b.old IS NOT NULL OR NOT EXISTS (SELECT FROM ledger AS l WHERE l.source = f.source))
        """,
        [run],
    )
    cursor.execute(
        "INSERT INTO legacy_file SELECT r.* FROM before_image AS b"
        " CROSS JOIN LATERAL jsonb_populate_record(NULL::legacy_file, b.old) AS r"
        " WHERE b.run_id = %s AND b.table_name = 'legacy_file' AND b.old IS NOT NULL",
        [run],
    )
    cursor.execute("DELETE FROM before_image WHERE run_id = %s", [run])


def _restore_divergences(cursor: CursorWrapper, run: str, which: str) -> None:
    """Put divergences back, except those of rows that stay, and those of which a later choice took the run's value.

    The import writes a divergence only where a side changes: any other choice made since was about that change, and is
    undone with it.
    """
    cursor.execute("DROP TABLE IF EXISTS undo_divergence")
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE undo_divergence ON COMMIT DROP AS
        SELECT s.id, s.old
        FROM undo_said AS s
        LEFT JOIN divergence AS d ON d.id = s.id
        LEFT JOIN LATERAL jsonb_populate_record(NULL::divergence, s.old) AS i ON s.old IS NOT NULL
        WHERE NOT s.stays AND {which}
          AND NOT EXISTS (SELECT FROM undo_touched AS u WHERE u.stays AND u.id = coalesce(i.ledger_id, d.ledger_id))
        """
    )
    cursor.execute("DELETE FROM divergence AS d USING undo_divergence AS u WHERE d.id = u.id")
    cursor.execute(
        "INSERT INTO divergence SELECT r.* FROM undo_divergence AS u"
        " CROSS JOIN LATERAL jsonb_populate_record(NULL::divergence, u.old) AS r WHERE u.old IS NOT NULL"
    )
    cursor.execute(
        "DELETE FROM before_image AS b USING undo_divergence AS u"
        " WHERE b.run_id = %s AND b.table_name = 'divergence' AND b.row_key = u.id::text",
        [run],
    )


def _execute_and_count(cursor: CursorWrapper, counter: Counter[str], target: TargetTable, statement: str) -> None:
    cursor.execute(statement)
    if cursor.rowcount:
        counter[target.name] += cursor.rowcount


def _restore_changed_sql(target: TargetTable, which: str) -> str:
    table, key = identifier(target.name), identifier(target.key)
    sets = ", ".join(f"{identifier(name)} = {value}" for name, value in _column_values_sql(target).items())
    return f"""
        UPDATE {table} AS t SET {sets}
        FROM undo_changed AS u JOIN {table} AS b ON b.{key} = u.after_key
        CROSS JOIN LATERAL jsonb_populate_record(b, u.back) AS r
        WHERE u.table_name = {literal(target.name)} AND NOT u.deleted AND u.back <> '{{}}' AND {which}
          AND t.{key} = u.after_key
    """


def _reinsert_deleted_sql(target: TargetTable) -> str:
    """Return SQL that inserts the rows the run deleted, except those whose ledger row stays as it is now."""
    columns = _column_values_sql(target)
    names = ", ".join(map(identifier, columns))
    return f"""
        INSERT INTO {identifier(target.name)} ({names})
        SELECT {", ".join(columns.values())}
        FROM undo_changed AS u CROSS JOIN LATERAL jsonb_populate_record(NULL::{identifier(target.name)}, u.back) AS r
        WHERE u.table_name = {literal(target.name)} AND u.deleted
          AND EXISTS (SELECT FROM undo_touched AS l
                      WHERE NOT l.stays AND l.old ->> 'target_key' = u.before_key::text)
    """


def _column_values_sql(target: TargetTable) -> dict[str, str]:
    """Return SQL for each column of the populated record `r`; a JSON null where the column allows no other."""
    model = next(model for model in apps.get_models() if model._meta.db_table == target.name)
    return {
        str(column.column): f"coalesce({value}, 'null'::jsonb)"
        if isinstance(column, models.JSONField) and not column.null
        else value
        for column in model._meta.concrete_fields
        for value in [f"r.{identifier(str(column.column))}"]
    }
