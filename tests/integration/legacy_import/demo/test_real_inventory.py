"""The demonstration files against the real ones: the same tables, columns, types, indexes, pragmas; other contents."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from legacy_import.demo import DemoSummary
from legacy_import.demo.files import FILES, LegacyFile


def _inventory(path: Path) -> list[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY rowid")
        return [(kind, name, table, " ".join(sql.split())) for kind, name, table, sql in rows]


def _pragmas(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        names = ("journal_mode", "encoding", "page_size", "auto_vacuum", "user_version", "application_id")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.source)
def test_schema_and_pragmas_are_the_real_ones(
    demo: DemoSummary, real_legacy_dir: Path, tmp_path: Path, file: LegacyFile
) -> None:
    ours, real = Path(shutil.copy(demo.directory / file.path, tmp_path / "ours.db")), real_legacy_dir / file.path

    assert _inventory(ours) == _inventory(real)
    assert _pragmas(ours) == _pragmas(real)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.source)
def test_row_counts_are_the_real_ones(demo: DemoSummary, real_legacy_dir: Path, file: LegacyFile) -> None:
    with closing(sqlite3.connect(real_legacy_dir / file.path)) as connection:
        real = {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for table in demo.rows[file.source]
        }

    assert demo.rows[file.source] == real
