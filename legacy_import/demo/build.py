"""Writing one SQLite file.

What lives here: connections, pragmas, inserts, WAL mode. What does not: which rows (contents, bulk) and where (write).
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from legacy_import.demo.files import LegacyFile
from legacy_import.demo.rows import Cell, TableRows

_BATCH: Final = 10_000

CountRows = Callable[[int], None]


def write_file(  # noqa: PLR0913 - one call writes one file; all but three are options
    path: Path,
    file: LegacyFile,
    tables: Iterable[TableRows],
    *,
    ddl: str | None = None,
    finish: Callable[[sqlite3.Connection], None] | None = None,
    count_rows: CountRows | None = None,
) -> dict[str, int]:
    """Write the file and return the rows per table, the empty tables too.

    ddl: what to create the tables with instead of the file's own schema. finish: called before the commit.
    count_rows: called with how many rows have been written since it was called last.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nothing is lost with it: until it is renamed, a half-written file is nobody's.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(file.ddl() if ddl is None else ddl)
        connection.execute("BEGIN")
        for table in tables:
            _insert(connection, table, count_rows)
        if finish is not None:
            finish(connection)
        connection.execute("COMMIT")
        if file.wal:
            connection.execute("PRAGMA journal_mode = WAL")
        return _counts(connection)


def _insert(connection: sqlite3.Connection, table: TableRows, count_rows: CountRows | None) -> None:
    columns = ", ".join(f'"{column}"' for column in ("rowid", *table.columns))
    places = ", ".join("?" * (len(table.columns) + 1))
    rows = _numbered(table)
    if count_rows is not None:
        rows = _counted(rows, count_rows)
    connection.executemany(f'INSERT INTO "{table.table}" ({columns}) VALUES ({places})', rows)


def _numbered(table: TableRows) -> Iterator[tuple[Cell, ...]]:
    return ((rowid, *row) for rowid, row in enumerate(table.rows, table.first_rowid))


def _counted(rows: Iterator[tuple[Cell, ...]], count_rows: CountRows) -> Iterator[tuple[Cell, ...]]:
    pending = 0
    for row in rows:
        yield row
        pending += 1
        if pending == _BATCH:
            count_rows(pending)
            pending = 0
    count_rows(pending)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY rowid"
    ).fetchall()
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}
