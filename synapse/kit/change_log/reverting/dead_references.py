"""References to rows that are gone: they are left as they are, so that all else can be reverted.

The last step of the revertability check, called by revertability.py.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from synapse.kit.change_log.reverting.catalogue import Catalogue, Reference

DEAD: Final = "the row it pointed to is not here any more; restore that one first"

# The lock that a foreign key check takes: the row may be edited, but not deleted.
_LOCK_PARENTS: Final = """
    SELECT count(*) FROM (
        SELECT FROM {parent} AS p WHERE p.{parent_key} IN (
            SELECT (r.back ->> {column})::uuid FROM revert_row AS r WHERE r.table_name = {child} AND r.verdict = 'back')
        ORDER BY p.{parent_key} FOR KEY SHARE
    ) AS locked
"""


def leave_dead_references(cursor: CursorWrapper, catalogue: Catalogue, *, lock: bool) -> None:
    """Leave each column that would point to a row that is gone, or goes; where it is required, leave its row.

    `lock` locks the rows that are pointed to until the transaction ends.
    """
    names = {table.name for table in catalogue.tables}
    references = [one for one in catalogue.references if one.child in names]
    if lock:
        for one in references:
            cursor.execute(SQL(_LOCK_PARENTS).format(**_sql_names(one)))
    found = True
    # Until nothing changes: a row that is not restored makes dead the references to it.
    while found:
        found = False
        for one in references:
            cursor.execute(_leave_sql(one))
            found = found or cursor.rowcount > 0


def _leave_sql(one: Reference) -> Composed:
    return SQL(
        """
        WITH dead AS (
            UPDATE revert_row AS r SET
                back = CASE WHEN r.kind = 'delete' AND {is_required} THEN '{{}}' ELSE r.back - {column} END,
                verdict = CASE
                    WHEN r.kind = 'delete' AND {is_required} OR r.kind = 'update' AND r.back - {column} = '{{}}'
                    THEN 'left' ELSE 'back' END
            WHERE r.table_name = {child} AND r.kind IN ('update', 'delete') AND r.verdict = 'back'
              AND r.back ->> {column} IS NOT NULL
              AND NOT EXISTS (
                  SELECT FROM revert_row AS b WHERE b.table_name = {parent_name} AND b.kind = 'delete'
                    AND b.verdict = 'back' AND b.row_key::text = r.back ->> {column})
              AND NOT EXISTS (
                  SELECT FROM {parent} AS p WHERE p.{parent_key} = (r.back ->> {column})::uuid AND NOT EXISTS (
                      SELECT FROM revert_row AS g WHERE g.table_name = {parent_name} AND g.kind = 'insert'
                        AND g.verdict = 'back' AND g.row_key = p.{parent_key}))
            RETURNING r.table_name, r.row_key, r.last_id,
                CASE WHEN r.kind = 'delete' AND {is_required} THEN NULL ELSE {column} END AS column_name
        )
        INSERT INTO revert_left SELECT table_name, row_key, column_name, {dead}, last_id FROM dead
        """
    ).format(**_sql_names(one), dead=Literal(DEAD), is_required=Literal(one.is_required))


def _sql_names(one: Reference) -> dict[str, Composable]:
    return {
        "parent": Identifier(one.parent),
        "parent_name": Literal(one.parent),
        "parent_key": Identifier(one.parent_key),
        "child": Literal(one.child),
        "column": Literal(one.column),
    }
