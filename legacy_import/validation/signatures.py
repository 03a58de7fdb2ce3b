"""Who signed a change: reading the change log for the author of an edit, a deletion, an addition."""

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.names import identifier
from legacy_import.pipeline.target import TargetTable


def edit_signature(cursor: CursorWrapper, table: str, key: str | None, column: str) -> str | None:
    """Return who changed the column since the last import, None where a change is unsigned or none is known."""
    cursor.execute(
        """
        SELECT array_agg(DISTINCT c.author), bool_and(c.author IS NOT NULL)
        FROM change_log AS c
        JOIN ledger AS l ON l.target_key = c.row_key AND l.owns
        JOIN import_run AS r ON r.id = l.run_id
        WHERE c.table_name = %s AND c.row_key = %s AND c.old ? %s AND c.import_run IS NULL
          AND (c.id > r.change_mark OR l.base ? %s)
        """,
        [table, key, column, column],
    )
    authors, all_signed = cursor.fetchone()
    return ", ".join(authors) if authors and all_signed else None


def deletion_signature(cursor: CursorWrapper, table: str, key: str) -> str | None:
    """Return who deleted the row last, None where nobody signed."""
    cursor.execute(
        "SELECT author FROM change_log WHERE table_name = %s AND row_key = %s AND operation = 'delete'"
        " ORDER BY id DESC LIMIT 1",
        [table, key],
    )
    found = cursor.fetchone()
    return found[0] if found else None


def unsigned_additions(cursor: CursorWrapper, target: TargetTable) -> list[str]:
    """Return the keys of rows that no import brought and whose making nobody signed."""
    key = identifier(target.key)
    cursor.execute(
        f"""
        SELECT t.{key}::text FROM {identifier(target.name)} AS t
        WHERE NOT EXISTS (SELECT FROM ledger AS l WHERE l.target_key = t.{key} AND l.owns)
          AND NOT EXISTS (SELECT FROM change_log AS c WHERE c.table_name = %s AND c.row_key = t.{key}
                          AND c.operation = 'insert' AND c.author IS NOT NULL)
        ORDER BY 1 LIMIT 1000
        """,
        [target.name],
    )
    return [found for (found,) in cursor.fetchall()]
