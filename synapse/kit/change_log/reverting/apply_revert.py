"""Applying a revert: UPDATE, DELETE and INSERT of what was found revertable, in the one order that violates no key."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from synapse.kit.change_log.reverting.catalogue import Catalogue, LoggedTable


@dataclass(slots=True)
class Counts:
    """How many rows of each table had columns put back, were taken away, and came back whole."""

    changed: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    restored: Counter[str] = field(default_factory=Counter)


def apply_revert(cursor: CursorWrapper, catalogue: Catalogue) -> None:
    """Write back what revert_row says: columns, added rows, deleted rows."""
    children_first = tuple(reversed(catalogue.tables))
    for table in catalogue.tables:
        _update_columns(cursor, table, [name for name in table.columns if name not in table.references])
    # Added rows that nothing refers to go early: a row that comes back may need their unique values.
    for table in children_first:
        cursor.execute(_delete_sql(table, _unreferenced_sql(table, catalogue)))
    for table in catalogue.tables:
        _insert_deleted_rows(cursor, table)
    # References after the rows they point to are back, and before the rows they pointed to go, for those would take the
    # referring rows along (CASCADE) or empty the reference.
    for table in catalogue.tables:
        _update_columns(cursor, table, [name for name in table.columns if name in table.references])
    for table in children_first:
        cursor.execute(_delete_sql(table, SQL("true")))


def count_reverted_rows(cursor: CursorWrapper) -> Counts:
    """Return how many rows go back, per table and kind, as the revertability check found."""
    cursor.execute("SELECT table_name, kind, count(*) FROM revert_row WHERE verdict = 'back' GROUP BY 1, 2 ORDER BY 1")
    counts = Counts()
    for name, kind, rows in cursor.fetchall():
        {"update": counts.changed, "insert": counts.removed, "delete": counts.restored}[kind][name] = rows
    return counts


def _update_columns(cursor: CursorWrapper, table: LoggedTable, names: list[str]) -> None:
    """Set the reverted ones of these columns; jsonb_populate_record keeps the present value of all others."""
    if not names:
        return
    sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), _value_sql(table, name)) for name in names)
    sql = SQL(
        """
        UPDATE {table} AS t SET {sets}
        FROM revert_row AS w JOIN {table} AS b ON b.{key} = w.after_key
        CROSS JOIN LATERAL jsonb_populate_record(b, w.back) AS r
        WHERE w.table_name = {name} AND w.kind = 'update' AND w.verdict = 'back' AND w.back ?| {names}
          AND t.{key} = w.after_key
        """
    ).format(
        table=Identifier(table.name),
        sets=sets,
        key=Identifier(table.key),
        name=Literal(table.name),
        names=Literal(names),
    )
    cursor.execute(sql)


def _delete_sql(table: LoggedTable, which: Composable) -> Composed:
    return SQL(
        "DELETE FROM {table} AS t USING revert_row AS w"
        " WHERE w.table_name = {name} AND w.kind = 'insert' AND w.verdict = 'back' AND t.{key} = w.row_key AND {which}"
    ).format(table=Identifier(table.name), key=Identifier(table.key), name=Literal(table.name), which=which)


def _unreferenced_sql(table: LoggedTable, catalogue: Catalogue) -> Composed:
    """Return SQL that is true of the rows of `t` to which no row refers."""
    conditions: list[Composable] = [
        SQL("NOT EXISTS (SELECT FROM {child} AS c WHERE c.{column} = t.{key})").format(
            child=Identifier(one.child), column=Identifier(one.column), key=Identifier(table.key)
        )
        for one in catalogue.references
        if one.parent == table.name
    ]
    return SQL(" AND ").join(conditions or [SQL("true")])


def _insert_deleted_rows(cursor: CursorWrapper, table: LoggedTable) -> None:
    """Insert the deleted rows; a column that was added later gets its default, hence a statement per set of columns."""
    cursor.execute(
        "SELECT DISTINCT ARRAY(SELECT jsonb_object_keys(back) ORDER BY 1) FROM revert_row"
        " WHERE table_name = %s AND kind = 'delete' AND verdict = 'back'",
        [table.name],
    )
    for (names,) in cursor.fetchall():
        sql = SQL(
            """
            INSERT INTO {table} ({columns}) SELECT {values}
            FROM revert_row AS w CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, w.back) AS r
            WHERE w.table_name = {name} AND w.kind = 'delete' AND w.verdict = 'back'
              AND ARRAY(SELECT jsonb_object_keys(w.back) ORDER BY 1) = {names}
            """
        ).format(
            table=Identifier(table.name),
            columns=SQL(", ").join(map(Identifier, names)),
            values=SQL(", ").join(_value_sql(table, name) for name in names),
            name=Literal(table.name),
            names=Literal(names),
        )
        cursor.execute(sql)


def _value_sql(table: LoggedTable, name: str) -> Composed:
    """Return SQL for a column of the populated record, which turns JSON's null into NULL: undone where NOT NULL."""
    value = SQL("r.{}").format(Identifier(name))
    return SQL("coalesce({}, 'null'::jsonb)").format(value) if name in table.filled_json else value
