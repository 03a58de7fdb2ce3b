"""The CREATE statements of a rebuilt file: tables before the rows, the rest after them.

What this SQLite cannot run is written into the file's schema as it was (writable_schema), for the program that can.
Called by rebuild.py for each file.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from legacy_import.cells import BadText, deserialize_cell
from legacy_import.errors import TerminalError
from legacy_import.foreign_sqlite.reading import MAX_REASON_CHARS, register_byte_collation, run_with_substitutes
from legacy_import.foreign_sqlite.statements import (
    find_foreign_collations,
    find_foreign_functions,
    find_indexed_table,
    is_virtual,
    strip_check_constraints,
    strip_stored_generated_clauses,
)
from legacy_import.mapping import fold_case
from legacy_import.pipeline.stage.legacy_schema import LegacySchema, LegacyTable, quote_sqlite_name
from synapse.foundation.text.visible import shorten

_PLACEHOLDER: Final = "synapse_placeholder_index"

Statement = tuple[str, str, str]


@dataclass(slots=True)
class SchemaWriter:
    """Writes the statements of one file; `remarks` are sentences on what its reader has to do with them."""

    source: str
    file: sqlite3.Connection
    schema: LegacySchema
    remarks: list[str] = field(default_factory=list)
    _replaced: list[Statement] = field(default_factory=list)
    """Statements that another one stands for until the rows are in."""
    _unrunnable: list[Statement] = field(default_factory=list)

    def create_tables(self) -> None:
        """Create the tables whose rows are inserted. Raises TerminalError where this SQLite refuses one."""
        if self.schema.statistics is not None:
            self.file.execute("ANALYZE")  # of nothing: it makes the table, which no CREATE statement may
        for _, _, sql in self.schema.statements:
            for name in find_foreign_collations(sql):
                register_byte_collation(self.file, name)
        with_rows = {fold_case(table.name) for table in self.schema.tables}
        for statement in self.schema.statements:
            kind, name, sql = statement
            if kind != "table":
                continue
            if is_virtual(sql) and fold_case(name) not in with_rows:
                self._unrunnable.append(statement)
                continue
            self._create_table(statement)

    def inserted_columns(self, table: LegacyTable) -> list[bool]:
        """Say of each column whether its cells are inserted; SQLite computes the others."""
        replaced = {fold_case(name) for _, name, _ in self._replaced}
        keeps_stored = fold_case(table.name) in replaced
        return [not column.generated or (column.generated == "stored" and keeps_stored) for column in table.columns]

    def create_indexes_and_triggers(self) -> None:
        """Create indexes, views and triggers, and write what cannot be run; the rows have to be in by now."""
        for statement in self.schema.statements:
            kind, _, sql = statement
            if kind == "table":
                continue
            if kind == "index" and find_foreign_functions(sql):
                # A substitute's values would be made up.
                self._unrunnable.append(statement)
                continue
            try:
                self.file.execute(sql)
            except sqlite3.OperationalError:
                self._unrunnable.append(statement)
        self.remarks += self._unknown_collation_remarks()
        self._write_sequences()
        self._write_statistics()
        if self._replaced or self._unrunnable:
            self._write_unrun_statements()
        self._write_originals()

    def _create_table(self, statement: Statement) -> None:
        _, name, sql = statement
        is_foreign = find_foreign_functions(sql) or find_foreign_collations(sql)
        runnable = strip_stored_generated_clauses(sql) if is_foreign else sql
        try:
            self._run_create(runnable)
        except sqlite3.OperationalError:
            # A schema is read with a CHECK on a column that is none, and not made with it.
            runnable = strip_check_constraints(strip_stored_generated_clauses(sql))
            self._create_without_checks(name, runnable)
        if runnable != sql:
            self._replaced.append(statement)

    def _run_create(self, sql: str) -> None:
        run_with_substitutes(self.file, lambda: self.file.execute(sql))

    def _create_without_checks(self, name: str, sql: str) -> None:
        try:
            self._run_create(sql)
        except sqlite3.OperationalError as error:
            raise TerminalError(
                f"{self.source}: table {name} cannot be made again by SQLite {sqlite3.sqlite_version}:"
                f" {shorten(str(error), MAX_REASON_CHARS)}"
            ) from error

    def _unknown_collation_remarks(self) -> Iterator[str]:
        """Yield a sentence for each table and index whose order this SQLite can only guess."""
        for kind, name, sql in self.schema.statements:
            missing = find_foreign_collations(sql)
            if missing and kind in {"table", "index"}:
                yield (
                    f"{kind} {name}: its collation {', '.join(missing)} is unknown here, so its index entries are in"
                    " the order of bytes; run REINDEX on the file with the program that knows it"
                )

    def _write_sequences(self) -> None:
        """Bring back AUTOINCREMENT's marks, which the rows alone do not tell."""
        if not self.schema.sequences or not self._has_sequences():
            return
        self._write_own_rows("sqlite_sequence", self.schema.sequences)

    def _write_statistics(self) -> None:
        """Bring back what ANALYZE found: the file's program may have run it long ago, and not here."""
        if self.schema.statistics is not None:
            self._write_own_rows("sqlite_stat1", self.schema.statistics)

    def _write_own_rows(self, table: str, rows: Iterable[Sequence[str | None]]) -> None:
        """Replace the rows of a table that SQLite made for itself by these exact cells."""
        self.file.execute(f"DELETE FROM {table}")
        for row in rows:
            marks = ", ".join("CAST(? AS TEXT)" if _is_bad_text(cell) else "?" for cell in row)
            self.file.execute(f"INSERT INTO {table} VALUES ({marks})", [_bindable_value(cell) for cell in row])

    def _has_sequences(self) -> bool:
        return self.file.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone() is not None

    def _write_unrun_statements(self) -> None:
        """Write statements into the schema without running them; the connection must make no other after that."""
        indexes = [statement for statement in self._unrunnable if statement[0] == "index"]
        for place, (_, name, sql) in enumerate(indexes):
            self._make_empty_index(f"{_PLACEHOLDER}_{place}", find_indexed_table(sql))
            functions = find_foreign_functions(sql)
            why = (
                f"its function {', '.join(functions)} is unknown here"
                if functions
                else "its statement is not understood"
            )
            self.remarks.append(
                f"index {name} came back empty, for {why}: run REINDEX on the file with the program that knows it"
            )
        self.file.execute("PRAGMA writable_schema = ON")
        for place, (_, name, sql) in enumerate(indexes):
            self.file.execute(
                "UPDATE sqlite_master SET name = ?, sql = ? WHERE name = ?", (name, sql, f"{_PLACEHOLDER}_{place}")
            )
        for kind, name, sql in self._unrunnable:
            if kind != "index":
                table = find_indexed_table(sql) if kind == "trigger" else name
                values = (kind, name, table, sql)
                self.file.execute(
                    "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, 0, ?)", values
                )
                self.remarks.append(f"{kind} {name} is written as it was; this SQLite cannot run it")
        for _, name, sql in self._replaced:
            self.file.execute("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (sql, name))

    def _write_originals(self) -> None:
        """Give names and statements that are no UTF-8 their bytes; the rows were written under other names."""
        if not self.schema.originals:
            return
        self.file.execute("PRAGMA writable_schema = ON")
        for original in self.schema.originals:
            self.file.execute(
                "UPDATE sqlite_master SET name = CAST(? AS TEXT), tbl_name = CAST(? AS TEXT), sql = CAST(? AS TEXT)"
                " WHERE type = ? AND name = ?",
                (original.raw_name, original.raw_table, original.raw_sql, original.kind, original.name),
            )

    def _make_empty_index(self, name: str, table: str) -> None:
        # A damaged statement may name no table of the file: then the place of its index is the first table.
        on, column = self.file.execute(
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'"
            " ORDER BY m.name = ? COLLATE NOCASE DESC, m.rowid, c.cid LIMIT 1",
            (table,),
        ).fetchone()
        index, on, column = map(quote_sqlite_name, (name, on, column))
        self.file.execute(f"CREATE INDEX {index} ON {on} ({column} COLLATE BINARY) WHERE 0")


def _is_bad_text(exact: str | None) -> bool:
    return isinstance(deserialize_cell(exact), BadText)


def _bindable_value(exact: str | None) -> object:
    value = deserialize_cell(exact)
    return bytes(value) if isinstance(value, BadText) else value
