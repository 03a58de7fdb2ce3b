"""The schema of a SQLite file: its tables, columns and keys, and what else it takes to rebuild it.

It is read from the file in schema_reading.py. How it differs from the declaration and the last import is in
schema_drift.py.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, TypeAlias

from legacy_import.codecs import Storage
from legacy_import.foreign_sqlite.respelling import Original
from legacy_import.mapping import fold_case

Generated: TypeAlias = Literal["", "virtual", "stored"]


@dataclass(frozen=True, slots=True)
class LegacyColumn:
    """One column. `key_position` is 1-based within the primary key, 0 outside it.

    `generated` says that SQLite computes its cells, and whether it keeps them.
    """

    name: str
    declared_type: str
    key_position: int
    generated: Generated = ""

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
    """A file's tables, every CREATE statement in order (type, name, sql), and its pragmas.

    `sequences` are AUTOINCREMENT's marks, sqlite_sequence's rows as exact cells. `limits` are sentences on what the
    file asks for and this SQLite lacks. `originals` are statements and names that are no UTF-8, as they were.
    `statistics` are ANALYZE's, sqlite_stat1's rows as exact cells; None where it was never run.
    """

    tables: tuple[LegacyTable, ...]
    statements: tuple[tuple[str, str, str], ...]
    pragmas: dict[str, Any]
    sequences: tuple[tuple[str | None, str | None], ...] = ()
    limits: tuple[str, ...] = ()
    originals: tuple[Original, ...] = ()
    statistics: tuple[tuple[str | None, ...], ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the tables and statements as the ledger keeps them."""
        return {
            "tables": [
                {**asdict(table), "columns": [asdict(column) for column in table.columns]} for table in self.tables
            ],
            "statements": [list(statement) for statement in self.statements],
            "sequences": [list(mark) for mark in self.sequences],
            "limits": list(self.limits),
            **({"originals": [original.as_json() for original in self.originals]} if self.originals else {}),
            **({} if self.statistics is None else {"statistics": [list(row) for row in self.statistics]}),
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
        return cls(
            tables,
            tuple((kind, name, sql) for kind, name, sql in schema["statements"]),
            pragmas,
            # Imports before version 0.3 kept neither.
            tuple((table, mark) for table, mark in schema.get("sequences", ())),
            tuple(schema.get("limits", ())),
            tuple(Original.from_json(original) for original in schema.get("originals", ())),
            tuple(tuple(row) for row in schema["statistics"]) if "statistics" in schema else None,
        )

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


def table_rows_sql(name: str) -> str:
    """Return SQL for a table's rows, to stand after FROM: read from a damaged index they would be fewer or others."""
    return f"{quote_sqlite_name(name)} NOT INDEXED"


def quote_sqlite_name(name: str) -> str:
    """Return a SQLite identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'
