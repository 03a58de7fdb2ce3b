"""Rebuilding the legacy files from PostgreSQL alone."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from business_core.models import ConsultationInquiry
from legacy_import.errors import TerminalError
from legacy_import.rebuild import rebuild
from legacy_import.rebuild.rebuild import RebuiltFile
from legacy_import.services import export_sources
from legacy_import.sources import source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry
from tests.imports import execute, run_import
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents, differing_cells, only, shape

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

SOURCES = ("primary", "duplicate")


def export(output: Path, *names: str) -> list[RebuiltFile]:
    return list(export_sources([source_named(name) for name in names or SOURCES], output))


def import_and_lose_the_originals(legacy_dir: Path, backup_dir: Path, aside: Path) -> Path:
    """Import both files, then delete them and every snapshot; return a copy for the comparison only."""
    for name in SOURCES:
        assert run_import(name, legacy_dir).error is None
    copy = only(legacy_dir, PRIMARY, DUPLICATE, into=aside)
    shutil.rmtree(legacy_dir)
    shutil.rmtree(backup_dir)
    return copy


@pytest.mark.parametrize("path", [PRIMARY, DUPLICATE])
def test_real_files_come_back_cell_by_cell(real_legacy_dir: Path, backup_dir: Path, tmp_path: Path, path: str) -> None:
    originals = import_and_lose_the_originals(real_legacy_dir, backup_dir, tmp_path / "aside")

    export(tmp_path / "out")

    assert contents(tmp_path / "out" / path) == contents(originals / path)
    assert shape(tmp_path / "out" / path) == shape(originals / path)


def test_a_cell_changed_by_sql_differs_there_and_only_there(
    real_legacy_dir: Path, backup_dir: Path, tmp_path: Path
) -> None:
    originals = import_and_lose_the_originals(real_legacy_dir, backup_dir, tmp_path / "aside")
    execute(
        "default",
        "UPDATE consultation_inquiries SET estimated_value = 26000.5 WHERE external_inquiry_id = %s",
        ["inquiry-20250819195245"],
    )

    export(tmp_path / "out")

    assert differing_cells(originals / PRIMARY, tmp_path / "out" / PRIMARY) == [
        ("consultation_inquiries", 1, "estimated_value")
    ]
    assert contents(tmp_path / "out" / PRIMARY)["consultation_inquiries"][0][17:19] == (b"real", 26000.5)
    assert contents(tmp_path / "out" / DUPLICATE) == contents(originals / DUPLICATE)


def test_an_edit_of_a_cell_with_residue_is_carried(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET actual_engagement_rate = 0.7999999999999999")
    run_import("primary", legacy_dir)
    copy = only(legacy_dir, PRIMARY, into=tmp_path / "aside")
    execute(
        "default",
        "UPDATE posts SET actual_engagement_rate = 0.25 WHERE external_post_id = "
        "(SELECT min(external_post_id) FROM posts)",
    )

    export(tmp_path / "out", "primary")

    differing = differing_cells(copy / PRIMARY, tmp_path / "out" / PRIMARY)
    assert [(table, column) for table, _, column in differing] == [("linkedin_posts", "actual_engagement_rate")]


def test_merged_rows_come_back_as_they_were_after_the_primary_took_over(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET roi_score = 1.005, posted_at = '2025-01-20 07:00'")
    copy = only(legacy_dir, PRIMARY, DUPLICATE, into=tmp_path / "aside")

    for name in ("duplicate", "primary"):
        run_import(name, legacy_dir)
    export(tmp_path / "out")

    for path in (PRIMARY, DUPLICATE):
        assert contents(tmp_path / "out" / path) == contents(copy / path)


def test_odd_cells_and_undeclared_columns_and_tables_come_back(legacy_dir: Path, tmp_path: Path) -> None:
    path = legacy_dir / PRIMARY
    change(path, "ALTER TABLE consultation_inquiries ADD COLUMN surprise BLOB")
    change(path, "UPDATE consultation_inquiries SET surprise = x'00ff41' WHERE rowid % 2")
    change(path, "UPDATE consultation_inquiries SET surprise = 12.5 WHERE rowid = 2")
    change(path, "UPDATE consultation_inquiries SET notes = CAST(x'61ff00' AS TEXT) WHERE rowid = 3")
    change(path, "UPDATE consultation_inquiries SET notes = char(1) || 'i:5' WHERE rowid = 4")
    change(path, "UPDATE consultation_inquiries SET estimated_value = 'a lot' WHERE rowid = 5")
    change(path, 'CREATE TABLE "odd "" table" (a, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID')
    change(path, "INSERT INTO \"odd \"\" table\" VALUES ('x', 1), (x'01', 2), (3.5, 3)")
    change(path, "CREATE TABLE keyless (a)")
    change(path, "INSERT INTO keyless VALUES (NULL), (NULL), ('same'), ('same'), (9223372036854775807)")
    copy = only(legacy_dir, PRIMARY, into=tmp_path / "aside")

    report = run_import("primary", legacy_dir)
    export(tmp_path / "out", "primary")

    assert report.error is None
    assert report.tables["consultation_inquiries"].quarantined == 2
    assert report.tables["keyless"].archived == 5
    assert shape(tmp_path / "out" / PRIMARY) == shape(copy / PRIMARY)
    rebuilt, original = contents_without_row_ids(tmp_path / "out" / PRIMARY), contents_without_row_ids(copy / PRIMARY)
    assert rebuilt == original


def contents_without_row_ids(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = bytes
        names = [name.decode() for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for name in names:
            quoted = '"' + name.replace('"', '""') + '"'
            columns = [row[1].decode() for row in file.execute(f"PRAGMA table_info({quoted})")]
            cells = ", ".join(f'typeof("{column}"), "{column}"' for column in columns)
            found[name] = sorted(file.execute(f"SELECT {cells} FROM {quoted}").fetchall(), key=repr)
        return found


def test_an_edit_the_file_has_no_column_for_is_listed(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.update(industry="Software", estimated_value=Decimal(1))

    (file,) = export(tmp_path / "out", "primary")

    assert file.left_out == ("consultation_inquiries has no column for industry, which was edited here in 15 rows",)


def test_only_edits_here_of_rows_that_came_from_the_file_are_listed(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    make_inquiry(industry="Banking")
    first = ConsultationInquiry.objects.order_by("pk").filter(source_post__isnull=False).first()
    assert first is not None
    for industry in ("Software", "Hardware"):
        ConsultationInquiry.objects.filter(pk=first.pk).update(industry=industry)
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET status = 'contacted'")
    run_import("primary", legacy_dir)

    (file,) = export(tmp_path / "out", "primary")

    assert file.left_out == ("consultation_inquiries has no column for industry, which was edited here in 1 row",)


def test_an_edit_that_breaks_the_files_own_rules_is_refused_and_leaves_no_file(
    legacy_dir: Path, tmp_path: Path
) -> None:
    change(legacy_dir / PRIMARY, "CREATE TABLE rules (a TEXT NOT NULL)")
    change(legacy_dir / PRIMARY, "INSERT INTO rules VALUES ('a')")
    run_import("primary", legacy_dir)
    execute("default", "UPDATE ledger SET cells = jsonb_build_object('a', NULL) WHERE legacy_table = 'rules'")

    with pytest.raises(TerminalError, match=r"a row of rules breaks its own table's rules \(NOT NULL"):
        export(tmp_path / "out", "primary")

    assert list((tmp_path / "out").rglob("*.db*")) == []


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_the_journal_mode_comes_back(legacy_dir: Path, tmp_path: Path, mode: str) -> None:
    change(legacy_dir / PRIMARY, f"PRAGMA journal_mode = {mode}")
    run_import("primary", legacy_dir)

    (file,) = export(tmp_path / "out", "primary")

    with closing(sqlite3.connect(file.path)) as rebuilt:
        assert rebuilt.execute("PRAGMA journal_mode").fetchone() == (mode,)


def test_what_a_killed_rebuild_left_is_no_hindrance(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    path = tmp_path / "out" / PRIMARY
    path.parent.mkdir(parents=True)
    partial = path.with_name(f".{os.getpid()}.partial")
    partial.write_bytes(b"half of a file")

    (file,) = export(tmp_path / "out", "primary")

    assert file.rows["consultation_inquiries"] == 15
    assert not partial.exists()


def test_a_file_in_the_way_is_not_overwritten(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    before = (legacy_dir / PRIMARY).read_bytes()

    with pytest.raises(TerminalError, match="already there"):
        export(legacy_dir, "primary")

    assert (legacy_dir / PRIMARY).read_bytes() == before


def test_a_source_never_imported_cannot_be_rebuilt(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="duplicate has never been imported"):
        export(tmp_path / "out", "duplicate")

    assert not (tmp_path / "out" / DUPLICATE).exists()


def test_a_virtual_table_comes_back_with_its_contents(legacy_dir: Path, tmp_path: Path) -> None:
    path = legacy_dir / PRIMARY
    change(path, "CREATE VIRTUAL TABLE found USING fts5(body)")
    change(path, "INSERT INTO found VALUES ('team velocity'), ('code review')")

    run_import("primary", legacy_dir)
    export(tmp_path / "out", "primary")

    with closing(sqlite3.connect(tmp_path / "out" / PRIMARY)) as file:
        assert file.execute("SELECT body FROM found WHERE found MATCH 'velocity'").fetchall() == [("team velocity",)]


def test_a_text_with_nul_comes_back_whole_in_a_utf16_file(legacy_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "utf16" / PRIMARY
    path.parent.mkdir()
    with closing(sqlite3.connect(legacy_dir / PRIMARY)) as old, closing(sqlite3.connect(path)) as new, new:
        new.execute("PRAGMA encoding = 'UTF-16le'")
        new.executescript("\n".join(line for line in old.iterdump() if "COMMIT" not in line and "BEGIN" not in line))
        new.execute("UPDATE consultation_inquiries SET company = ? WHERE rowid = 1", ("ab\0cd",))

    run_import("primary", tmp_path / "utf16")
    export(tmp_path / "out", "primary")

    assert contents(tmp_path / "out" / PRIMARY) == contents(path)
    assert shape(tmp_path / "out" / PRIMARY) == shape(path)


def test_a_value_that_sqlite_has_no_cell_for_is_named(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    execute("default", "UPDATE consultation_inquiries SET estimated_value = 'NaN'")

    with pytest.raises(TerminalError, match="consultation_inquiries holds a value SQLite has no cell for"):
        export(tmp_path / "out", "primary")


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_an_exported_file_is_its_owners_from_the_first_byte_on(
    legacy_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    change(legacy_dir / PRIMARY, f"PRAGMA journal_mode = {journal}")
    assert run_import("primary", legacy_dir).error is None
    modes: set[int] = set()
    write_file = rebuild._write_file

    def watched(*arguments: Any) -> tuple[dict[str, int], list[str]]:
        written = write_file(*arguments)
        modes.update(stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir())
        return written

    monkeypatch.setattr(rebuild, "_write_file", watched)
    before = os.umask(0)
    try:
        (file,) = export(tmp_path / "out", "primary")
    finally:
        os.umask(before)

    assert modes == {0o600}
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file.path, tmp_path / "out")] == [0o600, 0o700]
