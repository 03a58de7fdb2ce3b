"""A program with a collation and functions that this SQLite lacks, its files, and looking at a rebuilt one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from legacy_import.pipeline.report import SourceReport
from legacy_import.rebuild.rebuild import RebuiltFile
from legacy_import.services import export_sources
from legacy_import.sources import source_named
from tests.imports import run_import
from tests.integration.legacy_import.pipeline.properties.validating import failures

PRIMARY = source_named("primary")


@contextmanager
def their_program(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as the program that wrote it does: it has a collation GERMAN and the functions slug and keep."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.create_collation("GERMAN", lambda one, other: (other > one) - (other < one))
        file.create_function("slug", 1, lambda value: f"<{value}>", deterministic=True)
        file.create_function("regexp", 2, lambda _pattern, _value: True, deterministic=True)
        yield file


def write(folder: Path, script: str) -> None:
    with their_program(folder / PRIMARY.path) as file:
        file.executescript(script)


def rewrite_statement(folder: Path, name: str, sql: str) -> None:
    """Give the file a statement that this SQLite would not take."""
    with closing(sqlite3.connect(folder / PRIMARY.path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        assert file.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name)).rowcount == 1


def land_and_rebuild(folder: Path) -> tuple[SourceReport, RebuiltFile]:
    report = run_import("primary", folder)
    assert report.error is None, report.error
    assert failures(PRIMARY, folder) == []
    (file,) = export_sources([PRIMARY], folder / "out")
    assert schema(file.path) == schema(folder / PRIMARY.path)
    return report, file


def schema(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA writable_schema = ON")
        return file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def table_rows(path: Path, table: str) -> list[Any]:
    with their_program(path) as file:
        file.execute("PRAGMA writable_schema = ON")
        return sorted(file.execute(f'SELECT * FROM "{table}" NOT INDEXED').fetchall(), key=repr)


def assert_sound_after_reindex(path: Path) -> None:
    with their_program(path) as file:
        file.execute("REINDEX")
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
