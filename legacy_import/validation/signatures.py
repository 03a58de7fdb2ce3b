"""Who signed a change: SQL on the change log for the author of an edit, a deletion or an addition."""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import TargetTable
from legacy_import.validation.differences import MAX_KEPT_DIFFERENCES

_SIGNED: Final = "FILTER (WHERE c.author IS NOT NULL)"


def edit_author_sql(table: str, key: str, column: str) -> str:
    """Return SQL for who made a row's cell what it is since the last import, NULL where nobody signed for that.

    Whoever signed the last edit set the value knowingly, so earlier unsigned ones no longer matter; a later unsigned
    one matters unless it was put right. The arguments are SQL: a table's name as text, a target key, a column's name as
    text.
    """
    made = f"array_agg(jsonb_build_array(c.operation = 'delete', c.new -> {column}) ORDER BY c.id DESC)"
    # Two arrays, newest first, one of all changes and one of the signed: equal heads mean that the cell is what the
    # last signer made it. An edit counts after the last import's mark, or where the ledger's base keeps the value that
    # an edit overlays.
    return f"""(
        SELECT CASE WHEN ({made})[1] = ({made} {_SIGNED})[1]
                    THEN (array_agg(c.author ORDER BY c.id DESC) {_SIGNED})[1] END
        FROM change_log AS c
        JOIN ledger AS lo ON lo.target_key = c.row_key AND lo.owns
        JOIN import_run AS r ON r.id = lo.run_id
        WHERE c.table_name = {table} AND c.row_key = {key} AND c.import_run IS NULL
          AND coalesce(c.new, c.old) ? {column}
          AND (c.id > r.change_mark OR lo.base ? {column})
    )"""


def deletion_author_sql(table: str, key: str) -> str:
    """Return SQL for who deleted a row last, NULL where nobody signed; the arguments are SQL."""
    return (
        f"(SELECT c.author FROM change_log AS c WHERE c.table_name = {table} AND c.row_key = {key}"
        " AND c.operation = 'delete' ORDER BY c.id DESC LIMIT 1)"
    )


def find_deletion_author(cursor: CursorWrapper, table: str, key: str) -> str | None:
    """Return who deleted the row last, None where nobody signed."""
    cursor.execute(f"SELECT {deletion_author_sql('%s', '%s')}", [table, key])
    found: str | None = cursor.fetchone()[0]
    return found


def find_unsigned_additions(cursor: CursorWrapper, target: TargetTable) -> list[str]:
    """Return the keys of the first rows that no import brought and whose making nobody signed."""
    key = identifier(target.key)
    cursor.execute(
        f"""
        SELECT t.{key}::text FROM {identifier(target.name)} AS t
        WHERE NOT EXISTS (SELECT FROM ledger AS l WHERE l.target_key = t.{key} AND l.owns)
          AND NOT EXISTS (SELECT FROM change_log AS c WHERE c.table_name = {literal(target.name)}
                          AND c.row_key = t.{key} AND c.operation = 'insert' AND c.author IS NOT NULL)
        ORDER BY 1 LIMIT {MAX_KEPT_DIFFERENCES}
        """
    )
    return [found for (found,) in cursor.fetchall()]
