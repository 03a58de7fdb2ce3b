"""Putting back what was weighed, in the one order that offends no key.

What lives here: the statements. What does not: what goes back (weighing).
"""

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


def put_back(cursor: CursorWrapper, catalogue: Catalogue) -> None:
    """Put the rows back.

    Values first, then what nobody refers to goes: a row that comes back may need their unique values. References
    return when their rows are back, and before the rows they pointed to go, which else would take them along.
    """
    children_first = tuple(reversed(catalogue.tables))
    for table in catalogue.tables:
        _update(cursor, table, [name for name in table.columns if name not in table.references])
    for table in children_first:
        cursor.execute(_delete_sql(table, _unreferenced(table, catalogue)))
    for table in catalogue.tables:
        _restore(cursor, table)
    for table in catalogue.tables:
        _update(cursor, table, [name for name in table.columns if name in table.references])
    for table in children_first:
        cursor.execute(_delete_sql(table, SQL("true")))


def count(cursor: CursorWrapper) -> Counts:
    """Return how many rows go back, as weighed."""
    cursor.execute("SELECT table_name, kind, count(*) FROM revert_row WHERE verdict = 'back' GROUP BY 1, 2 ORDER BY 1")
    counts = Counts()
    for name, kind, rows in cursor.fetchall():
        {"update": counts.changed, "insert": counts.removed, "delete": counts.restored}[kind][name] = rows
    return counts


def _update(cursor: CursorWrapper, table: LoggedTable, names: list[str]) -> None:
    if names:
        cursor.execute(_update_sql(table, names))


def _update_sql(table: LoggedTable, names: list[str]) -> Composed:
    sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), _value(table, name)) for name in names)
    return SQL(
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


def _delete_sql(table: LoggedTable, which: Composable) -> Composed:
    return SQL(
        "DELETE FROM {table} AS t USING revert_row AS w"
        " WHERE w.table_name = {name} AND w.kind = 'insert' AND w.verdict = 'back' AND t.{key} = w.row_key AND {which}"
    ).format(table=Identifier(table.name), key=Identifier(table.key), name=Literal(table.name), which=which)


def _unreferenced(table: LoggedTable, catalogue: Catalogue) -> Composed:
    """Return SQL that is true of the rows of `t` to which no row refers."""
    conditions: list[Composable] = [
        SQL("NOT EXISTS (SELECT FROM {child} AS c WHERE c.{column} = t.{key})").format(
            child=Identifier(one.child), column=Identifier(one.column), key=Identifier(table.key)
        )
        for one in catalogue.references
        if one.parent == table.name
    ]
    return SQL(" AND ").join(conditions or [SQL("true")])


def _restore(cursor: CursorWrapper, table: LoggedTable) -> None:
    """Insert the deleted rows; a column that came later gets its default, hence a statement per set of columns."""
    cursor.execute(
        "SELECT DISTINCT ARRAY(SELECT jsonb_object_keys(back) ORDER BY 1) FROM revert_row"
        " WHERE table_name = %s AND kind = 'delete' AND verdict = 'back'",
        [table.name],
    )
    for (names,) in cursor.fetchall():
        cursor.execute(_restore_sql(table, names))


def _restore_sql(table: LoggedTable, names: list[str]) -> Composed:
    return SQL(
        """
        INSERT INTO {table} ({columns}) SELECT {values}
        FROM revert_row AS w CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, w.back) AS r
        WHERE w.table_name = {name} AND w.kind = 'delete' AND w.verdict = 'back'
          AND ARRAY(SELECT jsonb_object_keys(w.back) ORDER BY 1) = {names}
        """
    ).format(
        table=Identifier(table.name),
        columns=SQL(", ").join(map(Identifier, names)),
        values=SQL(", ").join(_value(table, name) for name in names),
        name=Literal(table.name),
        names=Literal(names),
    )


def _value(table: LoggedTable, name: str) -> Composed:
    """Return SQL for a column of the populated record; a JSON null where the column allows no other."""
    value = SQL("r.{}").format(Identifier(name))
    return SQL("coalesce({}, 'null'::jsonb)").format(value) if name in table.filled_json else value
