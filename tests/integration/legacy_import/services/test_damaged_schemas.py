"""Schemas that hold bytes nobody foresaw: one sentence from import, validation and sync, and the other sources land."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from legacy_import.services import ImportRequest, SyncState, export_sources, import_sources, sync_sources, validate_data
from legacy_import.sources import source_named
from tests.legacy_files import PRIMARY, contents

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

SOURCES = (source_named("primary"), source_named("duplicate"))
Damage = Callable[[Path], None]


def in_schema(change: str, where: str) -> Damage:
    """Return a damage that changes sqlite_master by SQL, as a tool does that goes wrong."""

    def _damage(path: Path) -> None:
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("PRAGMA writable_schema = ON")
            assert file.execute(f"UPDATE sqlite_master SET {change} WHERE {where}").rowcount > 0

    return _damage


def byte_in(column: str, where: str) -> Damage:
    """Return a damage that puts the byte 0x80 into the middle of a text of sqlite_master."""
    half = f"length({column}) / 2"
    text = f"substr({column}, 1, {half}) || x'80' || substr({column}, 2 + {half})"
    return in_schema(f"{column} = CAST({text} AS TEXT)", where)


IS_POSTS = "type = 'table' AND name = 'linkedin_posts'"
UNREADABLE: dict[str, Damage] = {
    "0x80 in a table's name": byte_in("name", IS_POSTS),
    "0x80 in a table's other name": byte_in("tbl_name", IS_POSTS),
    "no statement": in_schema("sql = x'00ff80'", IS_POSTS),
    "another name": in_schema("name = 'linkedin'", IS_POSTS),
    "another kind": in_schema("type = x'80'", IS_POSTS),
}
"""What SQLite itself cannot make sense of; that a statement is no UTF-8 costs nothing."""


@pytest.mark.parametrize("damage", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_schema_that_cannot_be_read_is_a_sentence_and_the_other_source_lands(damage: Damage, legacy_dir: Path) -> None:
    request = ImportRequest(legacy_dir, requested_by="a test")
    damage(legacy_dir / PRIMARY)

    failed, landed = import_sources(SOURCES, request)

    assert failed.error
    assert failed.error.startswith(f"The legacy file {legacy_dir / PRIMARY} ")
    assert failed.error.isprintable()
    assert landed.status == "completed"
    checks = {check.name: check for check in validate_data(legacy_dir)}
    assert not checks["primary: record counts"].passed
    assert checks["duplicate: data integrity"].passed
    assert [one.state for one in sync_sources(SOURCES, request)] == [SyncState.FAILED, SyncState.UNCHANGED]


@pytest.mark.parametrize("damage", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_file_whose_schema_breaks_later_fails_its_validation_in_a_sentence(damage: Damage, legacy_dir: Path) -> None:
    import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))
    damage(legacy_dir / PRIMARY)

    checks = {check.name: check for check in validate_data(legacy_dir)}

    assert not checks["primary: legacy file"].passed
    assert checks["duplicate: data integrity"].passed


@pytest.mark.parametrize(
    "change",
    [
        "type = CAST(type AS BLOB)",
        "sql = CAST(sql AS BLOB)",
        "name = CAST(name AS BLOB)",
        "tbl_name = CAST(tbl_name AS BLOB)",
    ],
)
def test_schema_that_is_a_blob_lands_and_comes_back(change: str, legacy_dir: Path, tmp_path: Path) -> None:
    in_schema(change, "type = 'table' AND name NOT LIKE 'sqlite%'")(legacy_dir / PRIMARY)

    reports = import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))

    assert [report.error for report in reports] == [None, None]
    (rebuilt,) = export_sources(SOURCES[:1], tmp_path / "out")
    before = contents(legacy_dir / "business_development/linkedin_business_development.db")
    assert contents(rebuilt.path).keys() >= before.keys()
    assert [check.name for check in validate_data(legacy_dir) if check.scope in {"primary", "duplicate"}]
    assert [c.detail for c in validate_data(legacy_dir) if c.scope in {"primary", "duplicate"} and not c.passed] == []


@pytest.mark.parametrize("table", ["sqlite_sequence", "sqlite_stat1"])
def test_a_damaged_table_of_sqlite_itself_is_named_and_costs_no_row(table: str, legacy_dir: Path) -> None:
    path = legacy_dir / PRIMARY
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript("CREATE TABLE marked (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO marked VALUES (3)")
        file.execute("ANALYZE")
    in_schema(f"sql = 'CREATE TABLE {table}(name, tbl, odd)'", f"name = '{table}'")(path)

    (report,) = import_sources(SOURCES[:1], ImportRequest(legacy_dir, requested_by="a test"))

    assert (report.error, report.tables["consultation_inquiries"].inserted) == (None, 15)
    assert [note for note in report.notes if f"SQLite's own table {table} is damaged" in note]


def test_a_schema_in_a_format_of_a_later_sqlite_is_a_sentence(legacy_dir: Path) -> None:
    with (legacy_dir / PRIMARY).open("r+b") as file:
        file.seek(44)
        file.write((9).to_bytes(4, "big"))

    failed, landed = import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))

    assert "unsupported file format" in (failed.error or "")
    assert "unforeseen" not in (failed.error or "")
    assert landed.error is None


def test_damaged_indexes_cost_no_row(legacy_dir: Path, tmp_path: Path) -> None:
    """Each of two indexes holds the other's entries: SQLite's quick check finds no fault, and count() asks an index."""
    source, path = source_named("recommendations"), legacy_dir / "synapse_content_intelligence.db"
    one, other = "sqlite_autoindex_content_insights_1", "sqlite_autoindex_content_recommendations_1"
    pages = f"(SELECT sum(rootpage) FROM sqlite_master WHERE name IN ('{one}', '{other}'))"
    in_schema(f"rootpage = {pages} - rootpage", f"name IN ('{one}', '{other}')")(path)

    (report,) = import_sources([source], ImportRequest(legacy_dir, requested_by="a test"))

    assert report.tables["content_recommendations"].inserted == 6
    assert report.tables["content_insights"].read == 0
    failed = [check.detail for check in validate_data(legacy_dir) if check.scope == source.name and not check.passed]
    assert failed == []
    (rebuilt,) = export_sources([source], tmp_path / "out")
    assert contents(rebuilt.path) == contents(path)
