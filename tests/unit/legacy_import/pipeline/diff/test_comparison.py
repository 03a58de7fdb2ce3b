"""Which rows of two snapshots differ, asked inside SQLite: what an import tells apart is never taken for equal."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from legacy_import.foreign_sqlite.reading import open_legacy_copy
from legacy_import.pipeline.diff.comparison import NotComparableError, attach_base, compare_table, has_same_shape
from legacy_import.pipeline.stage.legacy_schema import LegacySchema
from legacy_import.pipeline.stage.schema_reading import read_schema
from legacy_import.sources import source_named

_KEYED = "CREATE TABLE t (key TEXT PRIMARY KEY, cell)"

Found = tuple[list[int], list[int]]
Compare = Callable[..., Found]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """Return a function that makes a file, changes it, and returns the rowids (changed, replaced)."""

    def compare_files(ddl: str, before: str, after: str, *cells: Any) -> Found:
        base, snapshot = tmp_path / "base.db", tmp_path / "snapshot.db"
        with closing(sqlite3.connect(base, isolation_level=None)) as file:
            file.executescript(f"{ddl}; {before}")
        snapshot.write_bytes(base.read_bytes())
        with closing(sqlite3.connect(snapshot, isolation_level=None)) as file:
            if cells:
                file.execute(after, cells)
            else:
                file.executescript(after)
        with closing(open_legacy_copy(snapshot)) as connection:
            schema = _schema(connection)
            table = schema.tables[0]
            with attach_base(connection, base):
                diff = compare_table(connection, table, key=table.key_columns or ("key",))
        return list(diff.changed), list(diff.replaced)

    return compare_files


def _schema(connection: sqlite3.Connection) -> LegacySchema:
    return read_schema(connection, source_named("primary"), journal_mode="delete")


def _rows(count: int, cell: str = "'text'") -> str:
    return "".join(f"INSERT INTO t VALUES ('k{n}', {cell});" for n in range(1, count + 1))


def test_rows_that_are_equal_do_not_differ(compare: Compare) -> None:
    assert compare(_KEYED, _rows(20), "VACUUM") == ([], [])


@pytest.mark.parametrize(
    ("declared", "before", "after"),
    [
        ("TEXT COLLATE NOCASE", "a text", "A TEXT"),
        ("TEXT COLLATE RTRIM", "a text", "a text  "),
        ("", 1, 1.0),
        ("BLOB", 1, 1.0),
        ("", 0.0, -0.0),
        ("", -0.0, 0),
        ("", "1", b"1"),
        ("", "", None),
        ("TEXT", "a", "a\0b"),
        ("TEXT", "caf\u00e9", "cafe\u0301"),
        ("TEXT", "1", b"1"),
        ("INTEGER", 9007199254740992, 9007199254740993),
        ("INTEGER", None, 0),
        ("REAL", 0.1, 0.1000000000000001),
        ("NUMERIC", "1e5x", "1e5X"),
    ],
)
def test_a_cell_that_differs_at_all_is_found(compare: Compare, declared: str, before: Any, after: Any) -> None:
    ddl = f"CREATE TABLE t (key TEXT PRIMARY KEY, cell {declared})"

    assert compare(ddl, _rows(3, _spell(before)), "UPDATE t SET cell = ? WHERE key = 'k2'", after) == ([2], [2])


def _spell(value: Any) -> str:
    """Return SQL for a value; -0.0 is not one that SQLite reads from a literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float) and str(value) == "-0.0":
        return "0.0 * -1"
    return repr(value)


def test_rows_come_go_and_change(compare: Compare) -> None:
    after = (
        "DELETE FROM t WHERE key IN ('k1', 'k9'); UPDATE t SET cell = 'new' WHERE key = 'k4';"
        " INSERT INTO t VALUES ('k11', 'text')"
    )

    # SQLite gives the rowid of the last row again, here to another key.
    assert compare(_KEYED, _rows(10), after) == ([4, 11], [4, 1, 9])


def test_a_row_written_anew_has_another_rowid(compare: Compare) -> None:
    assert compare(_KEYED, _rows(10), "INSERT OR REPLACE INTO t VALUES ('k3', 'text')") == ([11], [3])


def test_a_key_that_took_anothers_place_is_a_row_that_differs(compare: Compare) -> None:
    after = "UPDATE t SET key = 'x' WHERE key = 'k1'; UPDATE t SET key = 'k1' WHERE key = 'k2'"

    assert compare(_KEYED, _rows(10), after) == ([1, 2], [1, 2])


@pytest.mark.parametrize(
    ("ddl", "after", "reason"),
    [
        ("CREATE TABLE t (key TEXT PRIMARY KEY, cell) WITHOUT ROWID", "", "no rowid"),
        ("CREATE TABLE t (key TEXT, cell, PRIMARY KEY (key, cell))", "", "no single column"),
        (_KEYED, "UPDATE t SET key = NULL WHERE key = 'k1'", "NULL"),
        ("CREATE TABLE t (key TEXT, cell)", "UPDATE t SET key = 'k2' WHERE key = 'k1'", "repeats"),
        ("CREATE TABLE t (key TEXT, cell)", "UPDATE t SET key = NULL WHERE key = 'k1'", "repeats"),
        (_KEYED, "UPDATE t SET cell = 'other'", "^$"),
        (_KEYED, "DELETE FROM t", "^$"),
    ],
)
def test_a_table_that_cannot_be_compared_says_why(compare: Compare, ddl: str, after: str, reason: str) -> None:
    with pytest.raises(NotComparableError, match=reason):
        compare(ddl, _rows(20), after)


@pytest.mark.parametrize(("changed", "is_whole"), [(12, False), (13, True)])
def test_three_tenths_of_a_table_are_picked_more_are_not(compare: Compare, changed: int, *, is_whole: bool) -> None:
    after = f"UPDATE t SET cell = 'other' WHERE rowid <= {changed}"

    if is_whole:
        with pytest.raises(NotComparableError):
            compare(_KEYED, _rows(40), after)
    else:
        assert len(compare(_KEYED, _rows(40), after)[0]) == changed


@pytest.mark.parametrize(
    ("statement", "is_same"),
    [
        ("CREATE INDEX i ON t (cell)", True),
        ("CREATE VIEW v AS SELECT 1", True),
        ("ALTER TABLE t ADD COLUMN more", False),
        ("ALTER TABLE t RENAME COLUMN cell TO other", False),
        ("CREATE TABLE u (a)", False),
        ("DROP TABLE t; CREATE TABLE t (key TEXT PRIMARY KEY, cell, CHECK (true))", False),
    ],
)
def test_only_what_shapes_the_tables_is_another_shape(tmp_path: Path, statement: str, *, is_same: bool) -> None:
    schemas = []
    for name, script in (("one", _KEYED), ("other", f"{_KEYED}; {statement}")):
        with closing(sqlite3.connect(tmp_path / name)) as file:
            file.executescript(script)
            schemas.append(_schema(file))

    assert has_same_shape(schemas[1], schemas[0]) is is_same


def test_another_encoding_is_another_shape(tmp_path: Path) -> None:
    schemas = []
    for name in ("UTF-8", "UTF-16le"):
        with closing(sqlite3.connect(tmp_path / name)) as file:
            file.executescript(f"PRAGMA encoding = '{name}'; {_KEYED}")
            schemas.append(_schema(file))

    assert not has_same_shape(schemas[0], schemas[1])


def test_rows_read_by_an_attached_file_are_the_bases(tmp_path: Path) -> None:
    for name, key in (("base.db", "old"), ("new.db", "new")):
        with closing(sqlite3.connect(tmp_path / name)) as file, file:
            file.execute("CREATE TABLE base (key)")
            file.execute("INSERT INTO base VALUES (?)", (key,))
    with closing(open_legacy_copy(tmp_path / "new.db")) as connection:
        with attach_base(connection, tmp_path / "base.db"):
            found = connection.execute("SELECT key FROM main.base UNION ALL SELECT key FROM base.base").fetchall()
        assert found == [("new",), ("old",)]
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("SELECT key FROM base.base")
