"""The revertability check: what the changes did to each row in sum, and what of it can still be taken back.

A column can be reverted while it holds what the changes left in it, an added row while none of its columns was changed,
a deleted row while its key is free. Results stay in temporary tables:

- revert_entry (id, table_name, row_key, operation, old, new, import_run): the changes to take back.
- revert_row (table_name, row_key, after_key, kind, old, new, last_id, back, verdict): one per row. `kind` is what was
  done in sum: insert, update, delete. `verdict` is back, left or nothing, `back` the columns that go back.
- revert_left (table_name, row_key, column_name, why, last_id): what is left as it is; column_name is NULL for the whole
  row.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.reverting.catalogue import Catalogue, Reference
from synapse.kit.change_log.reverting.dead_references import leave_dead_references

_DROP: Final = "DROP TABLE IF EXISTS revert_entry, revert_row, revert_left"

# Net changes: the first old value of each column is what was before, the last new one what the changes left. Keys that
# come twice in jsonb_object_agg keep the last value, hence the orders: old by id descending, new by id ascending. A row
# that was added and deleted within the changes is no net change.
_ROWS: Final = """
    CREATE TEMPORARY TABLE revert_row ON COMMIT DROP AS
    SELECT s.table_name, s.row_key, s.row_key AS after_key, s.kind, coalesce(o.old, '{}') AS old,
           coalesce(n.new, '{}') AS new, s.last_id, '{}'::jsonb AS back, 'nothing' AS verdict
    FROM (
        SELECT table_name, row_key, max(id) AS last_id,
               CASE
                   WHEN (array_agg(operation ORDER BY id))[1] = 'insert'
                   THEN CASE WHEN (array_agg(operation ORDER BY id DESC))[1] = 'delete' THEN 'none' ELSE 'insert' END
                   ELSE CASE WHEN (array_agg(operation ORDER BY id DESC))[1] = 'delete' THEN 'delete' ELSE 'update' END
               END AS kind
        FROM revert_entry GROUP BY table_name, row_key
    ) AS s
    LEFT JOIN (
        SELECT table_name, row_key, jsonb_object_agg(key, value ORDER BY id DESC) AS old
        FROM revert_entry CROSS JOIN jsonb_each(old) GROUP BY table_name, row_key
    ) AS o ON (o.table_name, o.row_key) = (s.table_name, s.row_key)
    LEFT JOIN (
        SELECT table_name, row_key, jsonb_object_agg(key, value ORDER BY id) AS new
        FROM revert_entry CROSS JOIN jsonb_each(new) GROUP BY table_name, row_key
    ) AS n ON (n.table_name, n.row_key) = (s.table_name, s.row_key)
    WHERE s.kind <> 'none'
"""
_LEFT: Final = """
    CREATE TEMPORARY TABLE revert_left (
        table_name text, row_key uuid, column_name text, why text, last_id bigint) ON COMMIT DROP
"""

# Per table; the braces are filled in by psycopg.
# Rows whose key itself was changed are found by the new one.
_FIND_CHANGED_KEYS: Final = """
    UPDATE revert_row SET after_key = (new ->> {key_name})::uuid
    WHERE table_name = {name} AND kind = 'update' AND new ->> {key_name} IS NOT NULL
"""
# In the order of their keys, so that two reverts cannot deadlock.
_LOCK_ROWS: Final = """
    SELECT count(*) FROM (SELECT FROM {table} AS t WHERE t.{key} IN
    (SELECT after_key FROM revert_row WHERE table_name = {name}) ORDER BY t.{key} FOR UPDATE) AS locked
"""
# Of an updated row the columns go back whose value is still the one that the changes left.
_JUDGE_UPDATES: Final = """
    UPDATE revert_row AS r SET back = f.back, verdict = CASE WHEN f.back = '{{}}' THEN 'left' ELSE 'back' END
    FROM (
        SELECT r.row_key, coalesce(jsonb_object_agg(c.key, c.value) FILTER (WHERE to_jsonb(t) ? c.key
            AND to_jsonb(t) -> c.key IS NOT DISTINCT FROM r.new -> c.key), '{{}}') AS back
        FROM revert_row AS r
        JOIN {table} AS t ON t.{key} = r.after_key
        CROSS JOIN LATERAL jsonb_each(r.old) AS c
        WHERE r.table_name = {name} AND r.kind = 'update' AND r.new -> c.key IS DISTINCT FROM c.value
        GROUP BY r.row_key
    ) AS f
    WHERE r.table_name = {name} AND r.row_key = f.row_key
"""
# What of updated rows is left as it is; a column that already holds the old value is not listed.
_LIST_LEFT_COLUMNS: Final = """
    INSERT INTO revert_left
    SELECT r.table_name, r.row_key, NULL, {gone}, r.last_id FROM revert_row AS r
    WHERE r.table_name = {name} AND r.kind = 'update'
      AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.{key} = r.after_key)
    UNION ALL
    SELECT r.table_name, r.row_key, c.key, CASE WHEN to_jsonb(t) ? c.key THEN {changed} ELSE {dropped} END,
           r.last_id
    FROM revert_row AS r
    JOIN {table} AS t ON t.{key} = r.after_key
    CROSS JOIN LATERAL jsonb_each(r.old) AS c
    WHERE r.table_name = {name} AND r.kind = 'update' AND r.new -> c.key IS DISTINCT FROM c.value
      AND NOT r.back ? c.key AND to_jsonb(t) -> c.key IS DISTINCT FROM c.value
"""
# An added row is deleted again where no column differs from what the changes left.
_JUDGE_ADDITIONS: Final = """
    UPDATE revert_row AS r SET verdict = 'back' FROM {table} AS t
    WHERE r.table_name = {name} AND r.kind = 'insert' AND t.{key} = r.row_key AND NOT EXISTS (
        SELECT FROM jsonb_each(r.new) AS c
        WHERE to_jsonb(t) ? c.key AND to_jsonb(t) -> c.key IS DISTINCT FROM c.value);
    INSERT INTO revert_left
    SELECT r.table_name, r.row_key, c.key, {changed}, r.last_id
    FROM revert_row AS r JOIN {table} AS t ON t.{key} = r.row_key CROSS JOIN LATERAL jsonb_each(r.new) AS c
    WHERE r.table_name = {name} AND r.kind = 'insert'
      AND to_jsonb(t) ? c.key AND to_jsonb(t) -> c.key IS DISTINCT FROM c.value;
"""
# A deleted row is restored, with the columns that the table still has, unless its key is taken.
_JUDGE_DELETIONS: Final = """
    UPDATE revert_row AS r SET verdict = 'back', back = (
        SELECT coalesce(jsonb_object_agg(c.key, c.value), '{{}}') FROM jsonb_each(r.old) AS c
        WHERE c.key = ANY({columns}))
    WHERE r.table_name = {name} AND r.kind = 'delete'
      AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.{key} = r.row_key);
    INSERT INTO revert_left
    SELECT r.table_name, r.row_key, NULL, {there}, r.last_id FROM revert_row AS r
    WHERE r.table_name = {name} AND r.kind = 'delete' AND r.verdict <> 'back';
"""

CHANGED: Final = "changed since"
GONE: Final = "the row was deleted since"
THERE: Final = "a row with this key is here again"
DROPPED: Final = "the table has no such column any more"
HELD: Final = "other rows refer to it"

_REASONS: Final[dict[str, Composable]] = {
    "changed": Literal(CHANGED),
    "gone": Literal(GONE),
    "there": Literal(THERE),
    "dropped": Literal(DROPPED),
}


def collect_net_changes(cursor: CursorWrapper, entries: QuerySet[ChangeLogEntry]) -> None:
    """Collect the changes and what they did in sum into the temporary tables."""
    cursor.execute(_DROP)
    sql, parameters = entries.order_by().values("pk").query.get_compiler(using=cursor.db.alias).as_sql()
    cursor.execute(
        "CREATE TEMPORARY TABLE revert_entry ON COMMIT DROP AS"
        f" SELECT id, table_name, row_key, operation, old, new, import_run FROM change_log WHERE id IN ({sql})",
        parameters,
    )
    cursor.execute(_ROWS)
    # Temporary tables have no statistics until they are analyzed: without them large reverts get nested loops.
    cursor.execute("CREATE INDEX ON revert_row (table_name, row_key); ANALYZE revert_entry, revert_row")
    cursor.execute(_LEFT)


def check_revertability(cursor: CursorWrapper, catalogue: Catalogue, *, lock: bool) -> None:
    """Decide what goes back. `lock` locks the rows until the transaction ends, so that the decision stays true."""
    if lock and catalogue.tables:
        tables = SQL(", ").join(Identifier(table.name) for table in catalogue.tables)
        # Tables before rows, like an import does: else it could hold the table and wait for a row of ours, while our
        # own writes wait for the table, a deadlock.
        cursor.execute(SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE").format(tables))
    for table in catalogue.tables:
        names = {
            "table": Identifier(table.name),
            "key": Identifier(table.key),
            "name": Literal(table.name),
            "key_name": Literal(table.key),
            "columns": Literal(list(table.columns)),
            **_REASONS,
        }
        statements = (_JUDGE_UPDATES, _JUDGE_ADDITIONS, _JUDGE_DELETIONS, _LIST_LEFT_COLUMNS)
        for statement in (_FIND_CHANGED_KEYS, *([_LOCK_ROWS] if lock else []), *statements):
            cursor.execute(SQL(statement).format(**names))
    leave_dead_references(cursor, catalogue, lock=lock)
    _keep_referenced_additions(cursor, catalogue)


def _keep_referenced_additions(cursor: CursorWrapper, catalogue: Catalogue) -> None:
    """Keep each added row that a kept row refers to: deleting it would empty that reference or delete that row."""
    names = {table.name for table in catalogue.tables}
    held = True
    while held:
        held = False
        for one in catalogue.references:
            if one.parent in names:
                cursor.execute(_keep_referenced_sql(one))
                held = held or cursor.rowcount > 0


def _keep_referenced_sql(one: Reference) -> Composed:
    return SQL(
        """
        WITH held AS (
            UPDATE revert_row AS p SET verdict = 'left'
            WHERE p.table_name = {parent} AND p.kind = 'insert' AND p.verdict = 'back' AND EXISTS (
                SELECT FROM {child} AS c WHERE c.{column} = p.row_key AND NOT EXISTS (
                    SELECT FROM revert_row AS r
                    WHERE {is_logged} AND r.table_name = {child_name} AND r.after_key::text = c.{child_key}::text
                      AND r.verdict = 'back' AND (r.kind = 'insert' OR r.back ? {column_name})))
            RETURNING p.table_name, p.row_key, p.last_id
        )
        INSERT INTO revert_left SELECT table_name, row_key, NULL, {held}, last_id FROM held
        """
    ).format(
        parent=Literal(one.parent),
        child=Identifier(one.child),
        child_name=Literal(one.child),
        column=Identifier(one.column),
        column_name=Literal(one.column),
        child_key=Identifier(one.child_key),
        is_logged=Literal(one.is_logged),
        held=Literal(HELD),
    )
