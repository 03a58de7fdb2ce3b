"""Reading the schema of a SQLite file from sqlite_master and pragmas, and naming what of it this SQLite cannot read.

Such a part costs nothing else: a virtual table's own tables land in its place, a column that cannot be computed is
passed over, a view's statement is kept as it is.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from legacy_import.cells import read_text, serialize_cell
from legacy_import.foreign_sqlite.reading import can_compute_column, find_unread_statements
from legacy_import.foreign_sqlite.respelling import respelled_parts
from legacy_import.foreign_sqlite.statements import find_foreign_collations, find_foreign_functions, is_virtual
from legacy_import.mapping import Source, fold_case
from legacy_import.pipeline.stage.legacy_schema import (
    Generated,
    LegacyColumn,
    LegacySchema,
    LegacyTable,
    quote_sqlite_name,
)
from synapse.foundation.text.visible import shorten

_PRAGMAS: Final = ("page_size", "encoding", "user_version", "application_id", "auto_vacuum")
_ROW_ID_NAMES: Final = ("rowid", "_rowid_", "oid")
_GENERATED: Final[dict[int, Generated]] = {2: "virtual", 3: "stored"}
"""What pragma_table_xinfo says in its column `hidden` of a generated column; 1 is a virtual table's hidden column."""
_KEEPS_NO_CONTENT: Final = re.compile(r"\bcontent\s*=\s*(?:''|\"\")", re.IGNORECASE)

Statement = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _VirtualTable:
    """A virtual table. `problem` says why its rows cannot be read, empty where they are; `own` are its own tables."""

    name: str
    own: tuple[str, ...]
    problem: str
    is_whole: bool
    """Whether its rows are all there is to it: with them it can be made again."""


def read_schema(connection: sqlite3.Connection, source: Source, *, journal_mode: str) -> LegacySchema:
    """Return the schema of the open file; `sqlite_%` tables are SQLite's own and left out.

    Names that are declared are spelled as they are declared there: to SQLite the case makes no difference. The file's
    own spelling is in its CREATE statements.
    """
    statements = connection.execute(
        # Cast, for a tool may have written any of them as a BLOB: to SQLite that is the same.
        "SELECT CAST(type AS TEXT), CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master"
        " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL"
        " ORDER BY rowid"
    ).fetchall()
    virtual = [
        _inspect_virtual_table(connection, row) for row in statements if row[0] == "table" and is_virtual(row[2])
    ]
    # Making a virtual table again makes its own tables, so these are left out; they land where its rows do not.
    made_again = {name for table in virtual if table.is_whole for name in table.own}
    statement_only = {table.name for table in virtual if not table.is_whole}
    kept = tuple(row for row in statements if row[1] not in made_again)
    limits = list(_describe_limits(connection, kept, virtual))
    tables = []
    for kind, name, sql in kept:
        if kind == "table" and name not in statement_only:
            table, unread = _read_table(connection, source, name, sql=sql)
            tables.append(table)
            limits += unread
    sequences = _read_own_table(connection, "sqlite_sequence", "name, seq", limits) or ()
    statistics = _read_own_table(connection, "sqlite_stat1", "tbl, idx, stat", limits)
    pragmas = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS}
    return LegacySchema(
        tuple(tables),
        kept,
        {**pragmas, "journal_mode": journal_mode},
        tuple((mark[0], mark[1]) for mark in sequences),
        tuple(limits),
        respelled_parts(connection),
        statistics,
    )


def _read_table(
    connection: sqlite3.Connection, source: Source, name: str, *, sql: str
) -> tuple[LegacyTable, list[str]]:
    """Return the table, and a sentence for each declared column of it that cannot be computed here."""
    declaration = source.find_table(name)
    spelled = declaration.declared_spelling if declaration else str
    declared = {fold_case(column) for column in declaration.declared_names} if declaration else set()
    rows = connection.execute("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    # Where an expression cannot be computed here, a column that SQLite keeps is read and written like any other.
    is_foreign = bool(find_foreign_collations(sql) or find_foreign_functions(sql))
    columns, limits = [], []
    for column, type_name, key, hidden in rows:
        generated = _GENERATED.get(hidden, "")
        is_wanted = (
            not hidden or (generated and fold_case(column) in declared) or (generated == "stored" and is_foreign)
        )
        if not is_wanted:
            continue  # the CREATE statement brings it back
        if generated == "virtual" and is_foreign and not can_compute_column(connection, name, column):
            limits.append(f"column {name}.{column} is computed by what this SQLite lacks: its values are not read")
            continue
        columns.append(LegacyColumn(spelled(column), type_name or "", key, generated))
    taken = {fold_case(row[0]) for row in rows}
    free = [candidate for candidate in _ROW_ID_NAMES if candidate not in taken]
    # WITHOUT ROWID tables and views have none; no pragma says so in every version of SQLite.
    row_id_name = free[0] if free and _has_row_id(connection, name, free[0]) else None
    return LegacyTable(source.declared_spelling(name), tuple(columns), row_id_name), limits


def _has_row_id(connection: sqlite3.Connection, table: str, row_id_name: str) -> bool:
    try:
        connection.execute(f"SELECT {row_id_name} FROM {quote_sqlite_name(table)} LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True


def _inspect_virtual_table(connection: sqlite3.Connection, statement: Statement) -> _VirtualTable:
    _, name, sql = statement
    shadows = connection.execute("SELECT name FROM pragma_table_list WHERE type = 'shadow'").fetchall()
    own = tuple(shadow for (shadow,) in shadows if fold_case(shadow).startswith(f"{fold_case(name)}_"))
    try:
        connection.execute(f"SELECT * FROM {quote_sqlite_name(name)} LIMIT 1").fetchall()
    except sqlite3.Error as error:
        return _VirtualTable(name, own, problem=str(error), is_whole=False)
    # Without tables of its own it stores nothing; without content its rows are NULL, and its index is all it has.
    return _VirtualTable(name, own, problem="", is_whole=bool(own) and not _KEEPS_NO_CONTENT.search(sql))


def _read_own_table(
    connection: sqlite3.Connection, name: str, columns: str, limits: list[str]
) -> tuple[tuple[str | None, ...], ...] | None:
    """Return the rows of a table that SQLite made for itself as exact cells, None where there is none.

    One that is damaged is named in the limits: it holds nobody's rows.
    """
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
        return None
    before, connection.text_factory = connection.text_factory, read_text
    try:
        rows = connection.execute(f"SELECT {columns} FROM {name} ORDER BY rowid")
        return tuple(tuple(serialize_cell(value) for value in row) for row in rows)
    except sqlite3.OperationalError:
        limits.append(f"SQLite's own table {name} is damaged: it is not read, and the export has none")
        return None
    finally:
        connection.text_factory = before


def _describe_limits(
    connection: sqlite3.Connection, statements: Sequence[Statement], virtual: Sequence[_VirtualTable]
) -> Iterator[str]:
    """Yield a sentence for each collation, function, module and statement of the file that this SQLite lacks."""
    for what, find in (("collation", find_foreign_collations), ("function", find_foreign_functions)):
        used: dict[str, list[str]] = {}
        for kind, name, sql in statements:
            for missing in find(sql):
                used.setdefault(missing, []).append(f"{kind} {name}")
        for missing, places in used.items():
            yield f"this SQLite lacks the {what} {missing} ({', '.join(places)}); the rows are read as they are"
    if respelled := [f"{part.kind} {shorten(part.name, 60)}" for part in respelled_parts(connection)]:
        yield (
            f"names or statements of the file are no UTF-8, or hold a NUL ({', '.join(respelled)}); they are read as"
            " Windows-1252, up to the NUL, and the export has them as they were"
        )
    for table in virtual:
        if table.problem:
            yield (
                f"virtual table {table.name} cannot be read by this SQLite ({table.problem});"
                " the tables that it keeps its data in are imported instead"
            )
    for unread in find_unread_statements(connection):
        yield (
            f"{unread.kind} {shorten(unread.name, 60)} is not understood by SQLite {sqlite3.sqlite_version}"
            f" ({unread.reason}); its statement is kept as it is"
        )
