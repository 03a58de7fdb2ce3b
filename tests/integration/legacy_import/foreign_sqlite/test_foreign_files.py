"""Files of a program that has collations, functions and syntax that this SQLite lacks.

What can be read lands, what cannot is named, and the rebuilt file has every statement as it was.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from legacy_import.backups.snapshots.integrity import find_structure_flaw
from tests.imports import run_import
from tests.integration.legacy_import.foreign_sqlite.their_program import (
    PRIMARY,
    assert_sound_after_reindex,
    land_and_rebuild,
    rewrite_statement,
    table_rows,
    their_program,
    write,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


FOREIGN = {
    "a collation of a column": "CREATE TABLE t (a TEXT COLLATE GERMAN, b)",
    "a collation of a key": "CREATE TABLE t (a TEXT COLLATE GERMAN PRIMARY KEY, b UNIQUE)",
    "a collation of a clustered key": "CREATE TABLE t (a TEXT COLLATE GERMAN PRIMARY KEY, b) WITHOUT ROWID",
    "a collation of an index": "CREATE TABLE t (a, b); CREATE UNIQUE INDEX i ON t (a COLLATE GERMAN, b)",
    "an index of a column with a collation": "CREATE TABLE t (a COLLATE GERMAN, b); CREATE INDEX i ON t (a)",
    "a collation in a check": "CREATE TABLE t (a CHECK (a COLLATE GERMAN <> 'q'), b)",
    "a collation in a view": "CREATE TABLE t (a, b); CREATE VIEW v AS SELECT a FROM t ORDER BY a COLLATE GERMAN",
    "a function in a check": "CREATE TABLE t (a CHECK (slug(a) <> 'q'), b)",
    "an operator in a check": "CREATE TABLE t (a CHECK (a REGEXP '[a-z]'), b)",
    "a function in a default": "CREATE TABLE t (a, b, c DEFAULT (slug('d')))",
    "a function in an index": "CREATE TABLE t (a, b); CREATE INDEX i ON t (slug(a))",
    "a function in a partial index": "CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE slug(b) <> '<2>'",
    "a function in a view": "CREATE TABLE t (a, b); CREATE VIEW v AS SELECT slug(a) AS s FROM t",
    "a function in a trigger": (
        "CREATE TABLE t (a, b); CREATE TABLE log (x);"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (slug(new.a)); END"
    ),
    "a function in a stored column": "CREATE TABLE t (a, b, c TEXT NOT NULL AS (slug(a)) STORED UNIQUE)",
    "a function in a virtual column": "CREATE TABLE t (a, b, c TEXT GENERATED ALWAYS AS (slug(a)) VIRTUAL)",
    "a collation in a stored column": "CREATE TABLE t (a, b, c AS (a COLLATE GERMAN < 'x') STORED)",
}


def script_of(number: int, what: str) -> str:
    """Return the script with names of its own, and four rows."""
    sql = re.sub(r"\b([tivg]|log)\b(?!')", rf"\g<1>{number}", FOREIGN[what])
    return f"{sql}; INSERT INTO t{number} (a, b) VALUES ('x', 1), ('y', 2), ('a', 3), ('ä', NULL);"


def test_the_rows_land_and_the_file_comes_back(legacy_dir: Path) -> None:
    for number, what in enumerate(FOREIGN):
        write(legacy_dir, script_of(number, what))

    report, file = land_and_rebuild(legacy_dir)

    notes = [note for note in report.notes if note.startswith("this SQLite lacks the ")]
    for number, what in enumerate(FOREIGN):
        assert report.tables[f"t{number}"].archived == 4, what
        missing = "collation GERMAN" if "collation" in what else "function "
        assert [note for note in notes if missing in note and re.search(rf"\b[tivg]{number}\b", note)], what
        assert table_rows(file.path, f"t{number}") == table_rows(legacy_dir / PRIMARY.path, f"t{number}"), what
    for table in ("linkedin_posts", "consultation_inquiries"):
        assert table_rows(file.path, table) == table_rows(legacy_dir / PRIMARY.path, table)
    assert_sound_after_reindex(file.path)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("a function in an index", "index i came back empty, for its function slug is unknown here: run REINDEX"),
        ("a collation of an index", "index i: its collation GERMAN is unknown here"),
        ("a collation of a key", "table t: its collation GERMAN is unknown here"),
    ],
)
def test_an_index_that_needs_a_hand_is_named(what: str, said: str, legacy_dir: Path) -> None:
    write(legacy_dir, f"{FOREIGN[what]}; INSERT INTO t (a, b) VALUES ('x', 1), ('y', 2);")

    _, file = land_and_rebuild(legacy_dir)

    assert [sentence for sentence in file.left_out if sentence.startswith(said)]
    with their_program(file.path) as rebuilt:
        rebuilt.execute("REINDEX")
        assert rebuilt.execute("SELECT b FROM t WHERE slug(a) = '<y>' AND a = 'y' COLLATE GERMAN").fetchall() == [(2,)]


def test_no_snapshot_of_a_sound_file_is_called_damaged(legacy_dir: Path) -> None:
    for number, what in enumerate(FOREIGN):
        write(legacy_dir, script_of(number, what))

    assert find_structure_flaw(legacy_dir / PRIMARY.path) is None


def test_a_damaged_file_with_a_collation_is_still_called_damaged(legacy_dir: Path) -> None:
    write(
        legacy_dir,
        "CREATE TABLE t (a COLLATE GERMAN PRIMARY KEY);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO t SELECT 'a text of some length ' || i FROM n",
    )
    path = legacy_dir / PRIMARY.path
    with closing(sqlite3.connect(path)) as file:
        (root,) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 't'").fetchone()
        (size,) = file.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as raw:
        raw.seek((root - 1) * size)
        raw.write(b"\xa5" * size)

    assert "is truncated or corrupt" in (run_import("primary", legacy_dir).error or "")


@pytest.mark.parametrize(
    ("name", "made", "later"),
    [
        ("v", "CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW v AS SELECT group_concat(a ORDER BY a) FROM t"),
        ("i", "CREATE INDEX i ON t (a)", "CREATE INDEX i ON t (a) WHERE a > 1_000"),
        (
            "g",
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END",
            "CREATE TRIGGER g AFTER INSERT ON t WHEN new.a > 1_000 BEGIN DELETE FROM t; END",
        ),
    ],
)
def test_a_statement_in_a_later_syntax_costs_no_row(name: str, made: str, later: str, legacy_dir: Path) -> None:
    write(
        legacy_dir,
        "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        f" INSERT INTO t SELECT 'text ' || i FROM n; {made}",
    )
    rewrite_statement(legacy_dir, name, later)

    report, file = land_and_rebuild(legacy_dir)

    assert report.tables["t"].archived == 2000
    assert [note for note in report.notes if f" {name} is not understood by SQLite" in note]
    assert table_rows(file.path, "t") == table_rows(legacy_dir / PRIMARY.path, "t")
    assert [sentence for sentence in file.left_out if f" {name} " in sentence]
    assert find_structure_flaw(legacy_dir / PRIMARY.path) is None


def test_a_table_in_a_later_syntax_stops_its_source_in_a_sentence(legacy_dir: Path) -> None:
    write(legacy_dir, "CREATE TABLE t (a)")
    rewrite_statement(legacy_dir, "t", "CREATE TABLE t (a DEFAULT 1_000)")

    error = run_import("primary", legacy_dir).error or ""

    assert "table t: SQLite" in error
    assert "cannot read its CREATE statement" in error
    assert "corrupt" not in error


def test_the_mark_of_autoincrement_comes_back(legacy_dir: Path) -> None:
    write(
        legacy_dir,
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO t (a) VALUES (1), (2), (3);"
        "DELETE FROM t WHERE id > 1; CREATE TABLE u (id INTEGER PRIMARY KEY AUTOINCREMENT);"
        "INSERT INTO u VALUES (9); DELETE FROM u",
    )

    _, file = land_and_rebuild(legacy_dir)

    assert table_rows(file.path, "sqlite_sequence") == table_rows(legacy_dir / PRIMARY.path, "sqlite_sequence")
    with closing(sqlite3.connect(file.path)) as rebuilt:
        assert rebuilt.execute("INSERT INTO t (a) VALUES (4) RETURNING id").fetchall() == [(4,)]
        assert rebuilt.execute("INSERT INTO u DEFAULT VALUES RETURNING id").fetchall() == [(10,)]


@pytest.mark.parametrize("after", ["", "DELETE FROM sqlite_stat1", "INSERT INTO t VALUES ('later')"])
def test_what_analyze_found_comes_back_as_it_was(after: str, legacy_dir: Path) -> None:
    write(
        legacy_dir,
        "CREATE TABLE t (a); CREATE INDEX i ON t (a); CREATE INDEX j ON t (slug(a));"
        f"INSERT INTO t VALUES (1), (1), (2); ANALYZE; {after}",
    )

    _, file = land_and_rebuild(legacy_dir)

    found = table_rows(legacy_dir / PRIMARY.path, "sqlite_stat1")
    assert table_rows(file.path, "sqlite_stat1") == found
    assert bool(found) == ("DELETE" not in after)
