"""The schema of a SQLite file: its tables, columns and keys, and what else it takes to rebuild it.

Read from sqlite_master and pragmas. How it differs from the declaration and the last import is in schema_drift.py.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from legacy_import.codecs import Storage
from legacy_import.mapping import Source, fold_case

_PRAGMAS: Final = ("page_size", "encoding", "user_version", "application_id", "auto_vacuum")
_ROW_ID_NAMES: Final = ("rowid", "_rowid_", "oid")


@dataclass(frozen=True, slots=True)
class LegacyColumn:
    """One column. `key_position` is 1-based within the primary key, 0 outside it."""

    name: str
    declared_type: str
    key_position: int

    @property
    def storage(self) -> Storage:
        """The storage class its clean cells have, by SQLite's affinity rules."""
        declared = self.declared_type.upper()
        if "INT" in declared:
            return "integer"
        if any(word in declared for word in ("CHAR", "CLOB", "TEXT")):
            return "text"
        if any(word in declared for word in ("REAL", "FLOA", "DOUB")):
            return "real"
        return "text"


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """One table. `row_id_name` is a name its rowid answers to, None where it has none."""

    name: str
    columns: tuple[LegacyColumn, ...]
    row_id_name: str | None

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The primary key's columns in their order; empty where none is declared."""
        keyed = sorted((column for column in self.columns if column.key_position), key=lambda c: c.key_position)
        return tuple(column.name for column in keyed)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in their order."""
        return tuple(column.name for column in self.columns)

    def drift_since(self, before: Self) -> Iterator[str]:
        """Yield a remark for each column that is new, gone, or of another declared type than it was."""
        types = {column.name: column.declared_type for column in before.columns}
        for column in self.columns:
            if column.name not in types:
                yield f"column {self.name}.{column.name} is new since the last import"
            elif types[column.name] != column.declared_type:
                change = f"{types[column.name] or 'no type'} to {column.declared_type or 'no type'}"
                yield f"column {self.name}.{column.name} changed its declared type from {change}"
        for name in types:
            if name not in self.column_names:
                yield f"column {self.name}.{name} is gone since the last import"


@dataclass(frozen=True, slots=True)
class LegacySchema:
    """A file's tables, every CREATE statement in order (type, name, sql), and its pragmas."""

    tables: tuple[LegacyTable, ...]
    statements: tuple[tuple[str, str, str], ...]
    pragmas: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the tables and statements as the ledger keeps them."""
        return {
            "tables": [
                {**asdict(table), "columns": [asdict(column) for column in table.columns]} for table in self.tables
            ],
            "statements": [list(statement) for statement in self.statements],
        }

    @classmethod
    def from_json(cls, schema: dict[str, Any], pragmas: dict[str, Any]) -> Self:
        """Return the schema that `as_json` wrote."""
        tables = tuple(
            LegacyTable(
                name=table["name"],
                columns=tuple(LegacyColumn(**column) for column in table["columns"]),
                row_id_name=table["row_id_name"],
            )
            for table in schema["tables"]
        )
        return cls(tables, tuple((kind, name, sql) for kind, name, sql in schema["statements"]), pragmas)

    def find_table(self, name: str) -> LegacyTable | None:
        """Return the table of that name."""
        return next((table for table in self.tables if fold_case(table.name) == fold_case(name)), None)

    def drift_since(self, before: Self) -> Iterator[str]:
        """Yield a remark for each table and column that is gone, new, or of another declared type (schema drift)."""
        for table in before.tables:
            if self.find_table(table.name) is None:
                yield f"table {table.name} is gone since the last import; what came of its rows stays here"
        for table in self.tables:
            known = before.find_table(table.name)
            if known is None:
                yield f"table {table.name} is new since the last import"
            else:
                yield from table.drift_since(known)


def read_schema(connection: sqlite3.Connection, source: Source, *, journal_mode: str) -> LegacySchema:
    """Return the schema of the open file; `sqlite_%` tables are SQLite's own and left out.

    Names that are declared are spelled as they are declared there: to SQLite the case makes no difference. The file's
    own spelling is in its CREATE statements.
    """
    rows = connection.execute(
        # Cast, for a tool may have written a name or a statement as a BLOB: to SQLite that is the same.
        "SELECT type, CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master"
        " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL"
        " ORDER BY rowid"
    ).fetchall()
    # Shadow tables hold a virtual table's own contents: creating that one makes them.
    shadows = {name for (name,) in connection.execute("SELECT name FROM pragma_table_list WHERE type = 'shadow'")}
    rows = [row for row in rows if row[1] not in shadows]
    tables = tuple(_read_table(connection, source, name) for kind, name, _ in rows if kind == "table")
    pragmas = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS}
    return LegacySchema(tables, tuple(rows), {**pragmas, "journal_mode": journal_mode})


def table_rows_sql(name: str) -> str:
    """Return SQL for a table's rows, to stand after FROM: read from a damaged index they would be fewer or others."""
    return f"{quote_sqlite(name)} NOT INDEXED"


def quote_sqlite(name: str) -> str:
    """Return a SQLite identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def _read_table(connection: sqlite3.Connection, source: Source, name: str) -> LegacyTable:
    declaration = source.find_table(name)
    spelled = declaration.declared_spelling if declaration else str
    rows = connection.execute("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    # Generated columns are hidden: the CREATE statement brings them back, but their names are taken.
    columns = tuple(
        LegacyColumn(spelled(column), declared or "", key) for column, declared, key, hidden in rows if not hidden
    )
    taken = {fold_case(row[0]) for row in rows}
    free = [candidate for candidate in _ROW_ID_NAMES if candidate not in taken]
    # WITHOUT ROWID tables and views have none; no pragma says so in every version of SQLite.
    row_id_name = free[0] if free and _has_row_id(connection, name, free[0]) else None
    return LegacyTable(source.declared_spelling(name), columns, row_id_name)


def _has_row_id(connection: sqlite3.Connection, table: str, row_id_name: str) -> bool:
    try:
        connection.execute(f"SELECT {row_id_name} FROM {quote_sqlite(table)} LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True
