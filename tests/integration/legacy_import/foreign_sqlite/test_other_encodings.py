"""Schemas that a script wrote in Latin-1: names and statements that are no UTF-8 land, and come back byte for byte."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from legacy_import.backups.snapshots.integrity import find_structure_flaw
from legacy_import.foreign_sqlite.reading import open_legacy_copy
from legacy_import.services import export_sources
from legacy_import.undeclared.listing import list_undeclared_files
from tests.imports import run_import
from tests.integration.legacy_import.foreign_sqlite.their_program import PRIMARY
from tests.integration.legacy_import.pipeline.properties.validating import failures

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

TABLES = """
    CREATE TABLE "café" (id INTEGER PRIMARY KEY AUTOINCREMENT, "größe" TEXT UNIQUE, b DEFAULT 'né');
    CREATE TABLE plain (a, b /* später */ DEFAULT 'né', c AS (a || 'é') STORED, d AS (a || 'é') VIRTUAL);
    CREATE TABLE unquoted (numéro INTEGER, wert CHECK (wert <> 'ü'));
    CREATE INDEX "übersicht" ON "café" ("größe");
    CREATE INDEX partial ON plain (a || 'é') WHERE a <> 'é';
    CREATE VIEW "früher" AS SELECT 'é' AS "é" FROM "café";
    CREATE TRIGGER "nachträglich" AFTER INSERT ON unquoted BEGIN UPDATE plain SET a = 'é'; END;
    INSERT INTO "café" ("größe") VALUES ('L'), ('é'), (NULL);
    DELETE FROM "café" WHERE id = 3;
    INSERT INTO plain (a) VALUES ('x'), ('é'), (NULL);
    ALTER TABLE plain ADD COLUMN e DEFAULT 'später';
    INSERT INTO unquoted VALUES (1, 'w');
"""


def write_in_latin_1(path: Path, script: str, after: str = "") -> None:
    """Run the script, give the schema the bytes that it has where a program writes Latin-1, and run the other one."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.executescript(script)
        file.execute("PRAGMA writable_schema = ON")
        query = "SELECT rowid, name, tbl_name, sql FROM sqlite_master"
        for row_id, *texts in file.execute(query).fetchall():
            cast = ", ".join(f"{column} = CAST(? AS TEXT)" for column in ("name", "tbl_name", "sql"))
            raw = [text if text is None else text.encode("latin-1") for text in texts]
            file.execute(f"UPDATE sqlite_master SET {cast} WHERE rowid = ?", (*raw, row_id))
        if file.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
            for (name,) in file.execute("SELECT name FROM sqlite_sequence").fetchall():
                change = "UPDATE sqlite_sequence SET name = CAST(? AS TEXT) WHERE name = ?"
                file.execute(change, (name.encode("latin-1"), name))
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(after)


def raw_schema(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA writable_schema = ON")
        file.text_factory = bytes
        return sorted(file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall(), key=repr)


def rows_of(path: Path) -> dict[str, list[Any]]:
    with closing(open_legacy_copy(path)) as file:
        names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        file.text_factory = bytes
        return {name: file.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def test_names_and_statements_in_latin_1_land_and_come_back(legacy_dir: Path) -> None:
    path = legacy_dir / PRIMARY.path
    write_in_latin_1(path, TABLES, "REINDEX; UPDATE plain SET a = a; INSERT INTO plain (a) VALUES ('new')")
    before = raw_schema(path)
    assert any(b"caf\xe9" in (row[3] or b"") for row in before)

    report = run_import("primary", legacy_dir)

    assert report.error is None
    assert {name: report.tables[name].archived for name in ("café", "plain", "unquoted")} == {
        "café": 2,
        "plain": 4,
        "unquoted": 1,
    }
    (note,) = [note for note in report.notes if "no UTF-8" in note]
    for part in ("table café", "table plain", "table unquoted", "index übersicht", "view früher", "index partial"):
        assert part in note
    assert failures(PRIMARY, legacy_dir) == []
    (file,) = export_sources([PRIMARY], legacy_dir / "out")
    assert raw_schema(file.path) == before
    assert rows_of(file.path) == rows_of(path)
    assert find_structure_flaw(path) is None
    assert find_structure_flaw(file.path) is None
    with closing(sqlite3.connect(file.path)) as rebuilt:
        assert rebuilt.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize(
    "script",
    [
        'CREATE TABLE "é" (a); INSERT INTO "é" VALUES (1); CREATE TABLE "marker" (a)',
        "CREATE TABLE 'é' ('ü' TEXT, b, PRIMARY KEY ('ü', b)); INSERT INTO 'é' VALUES ('x', 2)",
        'CREATE TABLE t ("é" TEXT, "É" TEXT, "\x80" TEXT, "\x81" TEXT); INSERT INTO t VALUES (1, 2, 3, 4)',
        'CREATE TABLE t (a DEFAULT "é"); INSERT INTO t DEFAULT VALUES; ALTER TABLE t ADD b DEFAULT "é"',
        "CREATE TABLE t (a CHECK (a <> 'it''s é'), b DEFAULT ('é' || 'é')); INSERT INTO t (a) VALUES (1)",
        "CREATE TABLE t (é); INSERT INTO t VALUES (1); CREATE INDEX ü ON t (é) WHERE é = 'é'",
        "CREATE TABLE t (a) /* é */; CREATE TABLE u (a REFERENCES t, -- ü\n b); INSERT INTO u VALUES (1, 2)",
    ],
)
def test_every_place_of_a_byte_that_is_no_utf8_comes_back(script: str, legacy_dir: Path) -> None:
    path = legacy_dir / PRIMARY.path
    write_in_latin_1(path, script)
    before = raw_schema(path)

    assert run_import("primary", legacy_dir).error is None
    assert failures(PRIMARY, legacy_dir) == []
    (file,) = export_sources([PRIMARY], legacy_dir / "out")

    assert raw_schema(file.path) == before
    assert rows_of(file.path) == rows_of(path)


def test_the_same_name_in_two_encodings_is_two_tables(legacy_dir: Path) -> None:
    path = legacy_dir / PRIMARY.path
    write_in_latin_1(path, 'CREATE TABLE "é" (a); INSERT INTO "é" VALUES (1)')
    with closing(sqlite3.connect(path)) as other, other:
        other.executescript('CREATE TABLE "é" (a); INSERT INTO "é" VALUES (2), (3)')
    before = raw_schema(path)

    report = run_import("primary", legacy_dir)

    assert (report.error, report.tables["é"].archived, report.tables["\ufffde9"].archived) == (None, 2, 1)
    (file,) = export_sources([PRIMARY], legacy_dir / "out")
    assert raw_schema(file.path) == before


def test_what_follows_a_nul_in_a_statement_is_passed_over_and_comes_back(legacy_dir: Path) -> None:
    path = legacy_dir / PRIMARY.path
    with closing(sqlite3.connect(path)) as theirs, theirs:
        theirs.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA writable_schema = ON")
        theirs.execute("UPDATE sqlite_master SET sql = CAST(sql || x'00e9' AS TEXT) WHERE name = 't'")
    before = raw_schema(path)

    report = run_import("primary", legacy_dir)

    assert (report.error, report.tables["t"].archived) == (None, 1)
    (file,) = export_sources([PRIMARY], legacy_dir / "out")
    assert raw_schema(file.path) == before


def test_a_declared_column_in_latin_1_costs_its_values_alone(legacy_dir: Path) -> None:
    """A column is known by its name: one of another name is undeclared, kept, and the declared one is missing."""
    path = legacy_dir / PRIMARY.path
    with closing(sqlite3.connect(path)) as theirs, theirs:
        theirs.execute("PRAGMA writable_schema = ON")
        broken = "CAST(replace(CAST(sql AS TEXT), 'company', 'compan' || x'e9') AS TEXT)"
        changed = f"UPDATE sqlite_master SET sql = {broken} WHERE name = 'consultation_inquiries'"
        assert theirs.execute(changed).rowcount == 1
    before, rows = raw_schema(path), rows_of(path)

    report = run_import("primary", legacy_dir)

    assert (report.error, report.tables["consultation_inquiries"].inserted) == (None, 15)
    (file,) = export_sources([PRIMARY], legacy_dir / "out")
    assert (raw_schema(file.path), rows_of(file.path)) == (before, rows)


@pytest.mark.parametrize("name", ["CAST(name AS BLOB)", "NULL", "42"])
def test_an_odd_name_beside_one_in_latin_1_is_no_exception(name: str, legacy_dir: Path) -> None:
    path = legacy_dir / PRIMARY.path
    write_in_latin_1(path, 'CREATE TABLE "é" (a); CREATE VIEW odd AS SELECT 1')
    with closing(sqlite3.connect(path)) as theirs, theirs:
        theirs.executescript(
            f"PRAGMA writable_schema = ON; UPDATE sqlite_master SET name = {name} WHERE sql LIKE 'CREATE VIEW%'"
        )

    error = run_import("primary", legacy_dir).error

    assert "unforeseen" not in (error or "")
    assert (error is None) == ("CAST" in name)


def test_an_undeclared_file_in_latin_1_is_counted(legacy_dir: Path) -> None:
    write_in_latin_1(legacy_dir / "other.db", 'CREATE TABLE "é" (a); INSERT INTO "é" VALUES (1), (2)')

    assert "other.db (1 table, 2 rows" in list_undeclared_files(legacy_dir).sentence


def test_no_passing_copy_is_left_behind(legacy_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, passing = legacy_dir / PRIMARY.path, legacy_dir / "passing"
    write_in_latin_1(path, 'CREATE TABLE "é" (a)')
    passing.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(passing))

    with closing(open_legacy_copy(path)):
        assert len(list(passing.iterdir())) == 1
    assert list(passing.iterdir()) == []
