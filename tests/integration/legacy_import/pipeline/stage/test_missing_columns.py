"""A declared column that the file lacks stops it only where the target cannot do without."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import TextField
from pytest_django import Settings

from business_core.models import ConsultationInquiry, Post
from legacy_import.mapping import Column, Source, Table
from legacy_import.models import Divergence
from legacy_import.services import export_sources, validate_data
from legacy_import.sources import SOURCES, source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import counts, run_import
from tests.integration.legacy_import.validation.verdicts import failed_in
from tests.legacy_files import DUPLICATE, PRIMARY, change, column_names, contents, shape

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

INQUIRIES = "consultation_inquiries"
CONTENT = "content_analytics.db"


def is_needed(table: Table, column: Column) -> bool:
    """Say whether a file without the column must be refused: in the issue's words, not in the code's."""
    if {table.key, *table.identity}.intersection(column.legacy_names):
        return True
    field = next(f for f in apps.get_model(table.model)._meta.concrete_fields if f.column == column.target)
    return not (field.null or field.has_db_default() or isinstance(field, TextField))


def drop_columns(folder: Path, source: Source) -> None:
    """Write every mapped table of the file anew without the columns that it can do without."""
    with closing(sqlite3.connect(folder / source.path)) as file, file:
        for table in source.tables:
            kept = {name for c in table.columns if is_needed(table, c) for name in c.legacy_names}
            names = [row[1] for row in file.execute(f'PRAGMA table_info("{table.name}")') if row[1] in kept]
            listed = ", ".join(f'"{name}"' for name in names)
            for kind, name in file.execute(
                "SELECT type, name FROM sqlite_master WHERE tbl_name = ? AND type <> 'table' AND sql IS NOT NULL",
                (table.name,),
            ).fetchall():
                file.execute(f'DROP {kind} "{name}"')
            file.execute(f'CREATE TABLE kept AS SELECT {listed} FROM "{table.name}"')
            file.execute(f'DROP TABLE "{table.name}"')
            file.execute(f'ALTER TABLE kept RENAME TO "{table.name}"')


def failures(folder: Path) -> dict[str, str]:
    return {check.name: check.detail for check in validate_data(folder) if not check.passed}


@pytest.mark.parametrize("lost", ["from the first import on", "later"])
def test_every_file_lands_and_comes_back_without_the_columns_it_can_do_without(
    lost: str, legacy_dir: Path, tmp_path: Path
) -> None:
    for source in SOURCES:
        if lost == "later":
            assert run_import(source.name, legacy_dir).status == "completed"
        drop_columns(legacy_dir, source)

    reports = {source.name: run_import(source.name, legacy_dir) for source in SOURCES}

    assert {name: report.error for name, report in reports.items() if report.status != "completed"} == {}
    assert failures(legacy_dir) == {}
    list(export_sources(SOURCES, tmp_path / "out"))
    for source in SOURCES:
        path, original = tmp_path / "out" / source.path, legacy_dir / source.path
        assert (contents(path), shape(path)) == (contents(original), shape(original)), source.name
    assert {name: figures for name, report in reports.items() for figures in [again(name, legacy_dir)] if figures} == {}
    channels = ConsultationInquiry.objects.filter(data_source="linkedin_primary").values_list("inquiry_channel")
    assert set(channels) == {("linkedin_comment" if lost == "later" else "Unknown",)}


def again(name: str, folder: Path) -> dict[str, dict[str, int]]:
    """Return the tables of which a second import changed or refused anything."""
    found = counts(run_import(name, folder))
    return {table: figures for table, figures in found.items() if set(figures) - {"read", "unchanged", "archived"}}


def test_what_a_missing_column_means_is_said(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, f"ALTER TABLE {INQUIRIES} DROP COLUMN inquiry_channel")
    change(legacy_dir / PRIMARY, f"ALTER TABLE {INQUIRIES} DROP COLUMN notes")

    report = run_import("primary", legacy_dir)

    assert report.notes == (
        "table consultation_inquiries has no column inquiry_channel; new rows say 'Unknown' there",
        "table consultation_inquiries has no column notes",
    )


def test_a_missing_column_with_a_default_gets_the_default(legacy_dir: Path) -> None:
    change(legacy_dir / CONTENT, "ALTER TABLE posts DROP COLUMN platform")

    report = run_import("content", legacy_dir)

    assert report.notes == ("table posts has no column platform",)
    assert set(Post.objects.values_list("platform", flat=True)) == {"linkedin"}


def test_a_column_that_comes_back_is_read_again(legacy_dir: Path, tmp_path: Path) -> None:
    path = legacy_dir / PRIMARY
    change(path, f"ALTER TABLE {INQUIRIES} DROP COLUMN inquiry_channel")
    run_import("primary", legacy_dir)
    change(path, f"ALTER TABLE {INQUIRIES} ADD COLUMN inquiry_channel TEXT")
    change(path, f"UPDATE {INQUIRIES} SET inquiry_channel = 'linkedin_dm' WHERE rowid = 1")

    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 15, "updated": 15}
    channels = list(ConsultationInquiry.objects.values_list("inquiry_channel", flat=True))
    assert (channels.count("linkedin_dm"), channels.count("Unknown")) == (1, 14)
    list(export_sources([source_named("primary")], tmp_path / "out"))
    assert contents(tmp_path / "out" / PRIMARY) == contents(path)


def test_an_edit_of_a_column_that_the_file_lacks_stays_and_is_named_by_the_export(
    legacy_dir: Path, tmp_path: Path
) -> None:
    change(legacy_dir / PRIMARY, f"ALTER TABLE {INQUIRIES} DROP COLUMN inquiry_channel")
    run_import("primary", legacy_dir)
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.update(inquiry_channel="email")

    run_import("primary", legacy_dir)
    (file,) = export_sources([source_named("primary")], tmp_path / "out")

    assert set(ConsultationInquiry.objects.values_list("inquiry_channel", flat=True)) == {"email"}
    assert file.left_out == (f"{INQUIRIES} has no column for inquiry_channel, which was edited here in 15 rows",)


@pytest.mark.parametrize("order", [("primary", "duplicate"), ("duplicate", "primary")], ids=["owner first", "last"])
def test_an_owner_that_lacks_a_column_goes_before_and_the_others_value_is_told(
    order: tuple[str, str], legacy_dir: Path
) -> None:
    change(legacy_dir / PRIMARY, "ALTER TABLE linkedin_posts DROP COLUMN content")

    for name in order:
        assert run_import(name, legacy_dir).status == "completed"

    assert set(Post.objects.filter(data_source="linkedin_primary").values_list("content", flat=True)) == {"Unknown"}
    assert set(Divergence.objects.filter(column="content").values_list("kept", flat=True)) == {"Unknown"}


def test_a_lower_file_that_lacks_a_column_says_nothing_of_it(legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, "ALTER TABLE linkedin_posts DROP COLUMN content")

    for name in ("duplicate", "primary"):
        assert run_import(name, legacy_dir).status == "completed"

    assert not Post.objects.filter(content="Unknown").exists()
    assert not Divergence.objects.filter(column="content").exists()


@pytest.mark.parametrize("name", ["estimated_value", "inquiry_channel", "created_at", "status"])
def test_a_column_that_was_lost_since_the_import_is_newer_in_the_file(name: str, legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, f"ALTER TABLE {INQUIRIES} RENAME TO whole")
    names = [kept for kept in column_names(legacy_dir / PRIMARY, "whole") if kept != name]
    change(legacy_dir / PRIMARY, f"CREATE TABLE {INQUIRIES} AS SELECT {', '.join(names)} FROM whole")
    change(legacy_dir / PRIMARY, "DROP TABLE whole")

    assert failed_in(legacy_dir, "primary") == {}

    assert run_import("primary", legacy_dir).status == "completed"
    assert failed_in(legacy_dir, "primary") == {}


def test_what_no_file_says_of_a_value_is_no_difference_after_it_was_edited_here(
    legacy_dir: Path, settings: Settings
) -> None:
    settings.LEGACY_DIR = legacy_dir
    run_import("primary", legacy_dir)
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(external_inquiry_id=first_key(legacy_dir)).update(estimated_value=1)
    change(legacy_dir / PRIMARY, f"ALTER TABLE {INQUIRIES} DROP COLUMN estimated_value")

    run_import("primary", legacy_dir)

    assert [d for name, d in failures(legacy_dir).items() if name.startswith("primary")] == []


def first_key(folder: Path) -> str:
    key: str = contents(folder / PRIMARY)[INQUIRIES][0][2].decode()
    return key
