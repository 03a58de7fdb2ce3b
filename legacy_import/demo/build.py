"""Writing one SQLite file: its schema, its rows in one transaction, its journal mode.

Which rows is decided in `contents` and `bulk`, which files in `write`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from legacy_import.demo.files import LegacyFile
from legacy_import.demo.rows import Cell, TableRows

_PROGRESS_BATCH: Final = 10_000

CountRows = Callable[[int], None]


def write_sqlite_file(  # noqa: PLR0913 - one call writes one file; all but three are options
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
        # Safe without a journal: the folder is renamed when all is written, and a partial one is thrown away.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(file.read_ddl() if ddl is None else ddl)
        connection.execute("BEGIN")
        for table in tables:
            columns = ", ".join(f'"{column}"' for column in ("rowid", *table.columns))
            places = ", ".join("?" * (len(table.columns) + 1))
            rows: Iterator[tuple[Cell, ...]] = (
                (rowid, *row) for rowid, row in enumerate(table.rows, table.first_rowid)
            )
            if count_rows is not None:
                rows = _rows_reporting_progress(rows, count_rows)
            connection.executemany(f'INSERT INTO "{table.table}" ({columns}) VALUES ({places})', rows)
        if finish is not None:
            finish(connection)
        connection.execute("COMMIT")
        if file.wal:
            connection.execute("PRAGMA journal_mode = WAL")
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY rowid"
        ).fetchall()
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}


def _rows_reporting_progress(rows: Iterator[tuple[Cell, ...]], count_rows: CountRows) -> Iterator[tuple[Cell, ...]]:
    pending = 0
    for row in rows:
        yield row
        pending += 1
        if pending == _PROGRESS_BATCH:
            count_rows(pending)
            pending = 0
    count_rows(pending)
