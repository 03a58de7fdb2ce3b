"""Virtual tables: of modules and tokenizers that this SQLite lacks, and those whose rows are not all they keep."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.legacy_import.foreign_sqlite.their_program import (
    land_and_rebuild,
    rewrite_statement,
    write,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("CREATE VIRTUAL TABLE ft USING fts5(x, tokenize='snow')", "no such tokenizer: snow"),
        ("CREATE VIRTUAL TABLE ft USING vec0(x)", "no such module: vec0"),
    ],
)
def test_a_virtual_table_that_cannot_be_read_lands_as_its_own_tables(
    statement: str, problem: str, legacy_dir: Path
) -> None:
    write(legacy_dir, "CREATE VIRTUAL TABLE ft USING fts5(x); INSERT INTO ft VALUES ('hello'), ('world')")
    rewrite_statement(legacy_dir, "ft", statement)

    report, file = land_and_rebuild(legacy_dir)

    assert report.tables["ft_content"].archived == 2
    assert [note for note in report.notes if note.startswith("virtual table ft cannot be read") and problem in note]
    rewrite_statement(legacy_dir / "out", "ft", "CREATE VIRTUAL TABLE ft USING fts5(x)")
    with closing(sqlite3.connect(file.path)) as rebuilt:
        assert rebuilt.execute("SELECT x FROM ft WHERE ft MATCH 'world'").fetchall() == [("world",)]
        rebuilt.execute("INSERT INTO ft (ft) VALUES ('integrity-check')")


def test_a_search_index_without_content_comes_back_with_its_entries(legacy_dir: Path) -> None:
    write(
        legacy_dir, "CREATE VIRTUAL TABLE ft USING fts5(x, content=''); INSERT INTO ft (rowid, x) VALUES (7, 'hello')"
    )

    _, file = land_and_rebuild(legacy_dir)

    with closing(sqlite3.connect(file.path)) as rebuilt:
        assert rebuilt.execute("SELECT rowid FROM ft WHERE ft MATCH 'hello'").fetchall() == [(7,)]


def test_a_virtual_table_that_keeps_nothing_comes_back_as_its_statement(legacy_dir: Path) -> None:
    write(
        legacy_dir,
        "CREATE VIRTUAL TABLE ft USING fts5(x); CREATE VIRTUAL TABLE words USING fts5vocab('ft', 'row');"
        "INSERT INTO ft VALUES ('hello')",
    )

    _, file = land_and_rebuild(legacy_dir)

    with closing(sqlite3.connect(file.path)) as rebuilt:
        assert rebuilt.execute("SELECT term FROM words").fetchall() == [("hello",)]
