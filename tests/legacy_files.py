"""Looking into SQLite files, and changing one cell of one; a copy of the real ones."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

_REAL_FILES = "REAL_LEGACY_DIR"

PRIMARY = "linkedin_business_development.db"
DUPLICATE = "business_development/linkedin_business_development.db"

Contents = dict[str, list[tuple[Any, ...]]]


def contents(path: Path) -> Contents:
    """Return every row of every table: rowid, then for each column its storage class and its bytes or number."""
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = bytes
        found: Contents = {}
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            table = name.decode()
            columns = [row[1].decode() for row in file.execute(f'PRAGMA table_info("{table}")')]
            cells = ", ".join(f'typeof("{column}"), "{column}"' for column in columns)
            found[table] = file.execute(f'SELECT rowid, {cells} FROM "{table}" ORDER BY rowid').fetchall()
        return found


def shape(path: Path) -> tuple[Any, ...]:
    """Return the file's CREATE statements and the pragmas a rebuild has to bring back."""
    with closing(sqlite3.connect(path)) as file:
        statements = file.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
        ).fetchall()
        pragmas = ("page_size", "encoding", "user_version", "application_id", "auto_vacuum", "journal_mode")
        return statements, [file.execute(f"PRAGMA {pragma}").fetchone() for pragma in pragmas]


def differing_cells(one: Path, other: Path) -> list[tuple[str, int, str]]:
    """Return (table, rowid, column) of each cell that is not the same in both files; rows must be the same ones."""
    left, right = contents(one), contents(other)
    assert left.keys() == right.keys()
    differing = []
    for table, rows in left.items():
        names = column_names(one, table)
        assert [row[0] for row in rows] == [row[0] for row in right[table]]
        for mine, theirs in zip(rows, right[table], strict=True):
            differing += [
                (table, mine[0], name)
                for i, name in enumerate(names)
                if mine[1 + 2 * i : 3 + 2 * i] != theirs[1 + 2 * i : 3 + 2 * i]
            ]
    return differing


def column_names(path: Path, table: str) -> list[str]:
    """Return the table's columns in order."""
    with closing(sqlite3.connect(path)) as file:
        return [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]


def change(path: Path, sql: str, *parameters: Any) -> None:
    """Run one statement on a file and commit it."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(sql, parameters)


def delete_primary_rows(path: Path) -> None:
    """Delete every row of a file of the primary source; its tables stay."""
    for table in ("linkedin_posts", "business_pipeline", "consultation_inquiries"):
        change(path, f"DELETE FROM {table}")


def only(folder: Path, *paths: str, into: Path) -> Path:
    """Copy the named files of a legacy folder into a new one."""
    for path in paths:
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, into / path)
    return into


def copy_of_the_real_files(folder: Path) -> Path:
    """Copy the 13 real legacy files to a writable folder; skip the test where REAL_LEGACY_DIR names none, but in CI."""
    original = os.environ.get(_REAL_FILES, "")
    if not original:
        reason = f"Set {_REAL_FILES} to the folder of the 13 real legacy files."
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} In CI these tests may not be skipped.")
        pytest.skip(reason)
    shutil.copytree(original, folder, copy_function=shutil.copyfile)
    for place in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        place.chmod(0o755)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a SQLite file as a writer does that is in the middle of its transaction: nobody else may read it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("BEGIN EXCLUSIVE")
        yield
        file.execute("ROLLBACK")
