"""All that a SQLite file says, so that two files can be held against each other cell by cell.

What lives here: reading. Numbers are spelled, for -0.0 equals 0.0; tables without a rowid are compared as sets.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from legacy_import.foreign_sqlite.reading import open_legacy_copy
from legacy_import.mapping import fold_case
from legacy_import.pipeline.stage.legacy_schema import quote_sqlite_name

_PRAGMAS = ("page_size", "encoding", "user_version", "application_id", "auto_vacuum", "journal_mode")


def dump(path: Path) -> dict[str, Any]:
    """Return the file's statements, pragmas and rows: rowid, then for each column its storage class and its content."""
    with closing(sqlite3.connect(path)) as file:
        # A statement that this SQLite cannot parse must not hide the others.
        file.execute("PRAGMA writable_schema = ON")
        statements = file.execute(
            # A name may be stored as a BLOB, and is one text to SQLite.
            "SELECT type, CAST(CAST(name AS TEXT) AS BLOB), CAST(CAST(sql AS TEXT) AS BLOB) FROM sqlite_master"
            " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
        ).fetchall()
        pragmas = [file.execute(f"PRAGMA {pragma}").fetchone() for pragma in _PRAGMAS]
    # Names that are no UTF-8 can be asked for where they are respelled.
    with closing(open_legacy_copy(path)) as copy:
        query = (
            "SELECT CAST(name AS TEXT) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        )
        names = [name for (name,) in copy.execute(query).fetchall()]
        copy.text_factory = bytes
        return {"statements": statements, "pragmas": pragmas, "rows": {name: _rows(copy, name) for name in names}}


def _rows(file: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    names = [row[0].decode() for row in file.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))]
    cells = ", ".join(f"typeof({quote_sqlite_name(name)}), {quote_sqlite_name(name)}" for name in names)
    row_id = next((name for name in ("rowid", "_rowid_", "oid") if name not in map(fold_case, names)), "NULL")
    try:
        found = file.execute(f"SELECT {row_id}, {cells} FROM {quote_sqlite_name(table)}").fetchall()
    except sqlite3.OperationalError:
        found = file.execute(f"SELECT NULL, {cells} FROM {quote_sqlite_name(table)}").fetchall()
    return sorted((tuple(map(repr, row)) for row in found), key=str)
