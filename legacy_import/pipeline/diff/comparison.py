"""Comparing two snapshots of one file inside SQLite: which rows of a table differ, are new, or have left their place.

Rows are joined by rowid; no cell is brought into Python for it. What PostgreSQL knows is not asked here: staging.py
stages what is found, travelling_rows.py adds the unchanged rows that PostgreSQL has to look at again.
"""

import math
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from legacy_import.pipeline.stage.legacy_schema import LegacyColumn, LegacySchema, LegacyTable, quote_sqlite_name

BASE: Final = "base"
"""The schema name of the attached file."""
_CACHE_KIB: Final = 8_000
"""For each of the two files: both are read once, front to back."""
_MAX_SHARE: Final = 0.3
"""Where more of a table differs, carrying all of it costs no more than picking rows."""
_MIN_ROWS: Final = 8
"""Of smaller tables any share may differ: the share says nothing of a handful of rows."""


@dataclass(frozen=True, slots=True)
class TableDiff:
    """One table's rows that differ, by rowid. `rows` and `base_rows` say how many there are in all.

    `changed` are rows of the new snapshot that are new or differ; `replaced` rows of the base whose place is empty now
    or holds another row: unless their key is found elsewhere, they have vanished.
    """

    rows: int
    base_rows: int
    changed: "array[int]"
    replaced: "array[int]"


class NotComparableError(Exception):
    """A table has to be carried whole; the message is why, for people, empty where most of it has changed anyway."""


@contextmanager
def attach_base(connection: sqlite3.Connection, base: Path) -> Iterator[None]:
    """Attach the base's file for the block; raises sqlite3.Error where it is no sound file of the same encoding."""
    connection.execute(f"PRAGMA main.cache_size = -{_CACHE_KIB}")
    connection.execute(f"ATTACH ? AS {BASE}", (f"{base.as_uri()}?mode=ro&immutable=1",))
    connection.create_function("sign_of_zero", 1, _sign_of_zero, deterministic=True)
    try:
        connection.execute(f"PRAGMA {BASE}.cache_size = -{_CACHE_KIB}")
        yield
    finally:
        # A query that an error has left unfinished keeps it attached; the error must not be hidden by that.
        with suppress(sqlite3.Error):
            connection.execute(f"DETACH {BASE}")


def has_same_shape(schema: LegacySchema, base: LegacySchema) -> bool:
    """Say whether the files' tables have the same columns, CREATE statements and encoding."""
    return (
        schema.tables == base.tables
        and _table_statements(schema) == _table_statements(base)
        and schema.pragmas["encoding"] == base.pragmas["encoding"]
    )


def _table_statements(schema: LegacySchema) -> list[tuple[str, str, str]]:
    return sorted(statement for statement in schema.statements if statement[0] == "table")


def is_large_share(rows: int, *, of: int) -> bool:
    """Say whether so many of a table's rows have to travel that all of them may."""
    return rows > max(_MIN_ROWS, of * _MAX_SHARE)


def compare_table(
    connection: sqlite3.Connection, table: LegacyTable, *, key: tuple[str, ...], is_same: bool = False
) -> TableDiff:
    """Compare the table in both files; the base is attached, and the table's shape is the same in both.

    `key` are the columns that identify a row to the ledger; `is_same` says that the files are one, so that no row
    differs. Raises NotComparableError.
    """
    _require_comparable(connection, table, key)
    rows, base_rows = _count_rows(connection, "main", table), _count_rows(connection, BASE, table)
    if not base_rows:
        raise NotComparableError("")
    if is_same:
        return TableDiff(rows, base_rows, array("q"), array("q"))
    # SQLite itself keeps a declared key apart, NULL excepted.
    if table.key_columns != key and _count_distinct_keys(connection, table, key=key[0]) < rows:
        raise NotComparableError(f"its key {key[0]} repeats")
    changed, replaced = _find_changed_rows(connection, table, key=key[0], rows=rows)
    # Rows of the base whose rowid is still there were met, changed or not.
    if base_rows > rows - (len(changed) - len(replaced)):
        replaced.extend(row_id for (row_id,) in connection.execute(_emptied_places_sql(table)))
    if is_large_share(len(replaced), of=base_rows):
        raise NotComparableError("")
    return TableDiff(rows, base_rows, changed, replaced)


def _require_comparable(connection: sqlite3.Connection, table: LegacyTable, key: tuple[str, ...]) -> None:
    if table.row_id_name is None:
        raise NotComparableError("its rows have no rowid")
    if len(key) != 1:
        raise NotComparableError("no single column is its key")
    query = "SELECT 1 FROM main.sqlite_master WHERE rootpage = 0 AND type = 'table' AND name = ? COLLATE NOCASE"
    if connection.execute(query, (table.name,)).fetchone():
        raise NotComparableError("it is a virtual table")


def _find_changed_rows(
    connection: sqlite3.Connection, table: LegacyTable, *, key: str, rows: int
) -> "tuple[array[int], array[int]]":
    """Return the rowids of the rows that are new or differ, and which of them the base has as well."""
    changed, replaced = array("q"), array("q")
    for row_id, is_keyless, was_there in connection.execute(_changed_rows_sql(table, key=key)):
        if is_keyless:
            raise NotComparableError(f"its key {key} is NULL in some row")
        changed.append(row_id)
        if was_there:
            replaced.append(row_id)
        if is_large_share(len(changed), of=rows):
            raise NotComparableError("")
    return changed, replaced


def _changed_rows_sql(table: LegacyTable, *, key: str) -> str:
    """Return SQL for rowid, whether the key is NULL, and whether the base has that rowid, of each row that differs."""
    row_id, name = table.row_id_name, quote_sqlite_name(table.name)
    differs = " OR ".join(_differs_sql(column) for column in table.columns)
    # NOT INDEXED: quick_check has proved the tables, not the indexes.
    return (
        f"SELECT n.{row_id}, n.{quote_sqlite_name(key)} IS NULL, o.{row_id} IS NOT NULL"
        f" FROM main.{name} AS n NOT INDEXED LEFT JOIN {BASE}.{name} AS o NOT INDEXED ON o.{row_id} = n.{row_id}"
        f" WHERE o.{row_id} IS NULL OR n.{quote_sqlite_name(key)} IS NULL OR {differs}"
    )


def _differs_sql(column: LegacyColumn) -> str:
    new, old = (f"{alias}.{quote_sqlite_name(column.name)}" for alias in "no")
    # The column's own collation may take two texts for equal that are not.
    differs = f"{new} COLLATE BINARY IS NOT {old}"
    if _keeps_numbers_as_written(column):
        # To IS NOT, 1 and 1.0 are equal, and so are 0.0 and -0.0; where a column has an affinity, it keeps one of them.
        differs += f" OR typeof({new}) <> typeof({old}) OR {new} = 0.0 AND sign_of_zero({new}) <> sign_of_zero({old})"
    return f"({differs})"


def _keeps_numbers_as_written(column: LegacyColumn) -> bool:
    """Say whether the column may hold both 1 and 1.0: it has no affinity, or SQLite computes it."""
    declared = column.declared_type.upper()
    return bool(column.generated) or declared in {"", "ANY"} or ("BLOB" in declared and "INT" not in declared)


def _sign_of_zero(value: object) -> float:
    return math.copysign(1.0, value) if isinstance(value, float) else 1.0


def _emptied_places_sql(table: LegacyTable) -> str:
    row_id, name = table.row_id_name, quote_sqlite_name(table.name)
    return (
        f"SELECT o.{row_id} FROM {BASE}.{name} AS o NOT INDEXED"
        f" WHERE NOT EXISTS (SELECT 1 FROM main.{name} AS n NOT INDEXED WHERE n.{row_id} = o.{row_id})"
    )


def _count_rows(connection: sqlite3.Connection, schema: str, table: LegacyTable) -> int:
    query = f"SELECT count(*) FROM {schema}.{quote_sqlite_name(table.name)} NOT INDEXED"
    count: int = connection.execute(query).fetchone()[0]
    return count


def _count_distinct_keys(connection: sqlite3.Connection, table: LegacyTable, *, key: str) -> int:
    """Return how many different keys the table's rows have, NULL not among them."""
    column, name = quote_sqlite_name(key), quote_sqlite_name(table.name)
    query = f"SELECT count(DISTINCT {column} COLLATE BINARY) FROM main.{name} NOT INDEXED"
    count: int = connection.execute(query).fetchone()[0]
    return count
