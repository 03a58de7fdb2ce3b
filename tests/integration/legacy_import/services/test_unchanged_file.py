"""When a tick imports, and when it only looks: no change is missed, and no run is written for nothing."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import ImportRun, LedgerRow, SourceSync
from legacy_import.pipeline.report import SourceReport
from legacy_import.services import replay_quarantined_rows
from legacy_import.services.source_sync_records import record_synced_import
from legacy_import.services.undoing import UndoRequest, latest_import, undo_run
from tests.factories import make_post
from tests.imports import execute, rows, run_import, state
from tests.integration.legacy_import.pipeline.meanwhile import person_session, write_as_person
from tests.integration.legacy_import.services.ticks import run_count, sync_of, tick
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_NEW_POST = "INSERT INTO linkedin_posts (post_id, content, posted_at) VALUES ('new', 'text', '2025-01-20 07:00:00')"


@pytest.fixture
def both_imported(imported_primary: Path) -> Path:
    assert run_import("duplicate", imported_primary).error is None
    return imported_primary


def company() -> str:
    return ConsultationInquiry.objects.filter(data_source="linkedin_primary").order_by("pk")[0].company or ""


def rewrite_all(path: Path) -> None:
    """Write each post anew as the legacy writer does: INSERT OR REPLACE, with the values it has."""
    change(path, "INSERT OR REPLACE INTO linkedin_posts SELECT * FROM linkedin_posts")


def test_a_look_at_an_unchanged_file_writes_no_run(imported_primary: Path) -> None:
    before, runs, began = state("default"), run_count("default"), timezone.now()

    for _ in range(3):
        assert tick("primary").state == "unchanged"

    assert (state("default"), run_count("default")) == (before, runs)
    sync = sync_of("primary")
    assert began < sync.checked_at == sync.in_step_at
    assert sync.changed_at
    assert sync.changed_at < began
    assert sync.error == ""


@pytest.mark.parametrize("is_changed", [True, False])
def test_a_look_noted_down_for_tomorrow_is_corrected(imported_primary: Path, *, is_changed: bool) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    SourceSync.objects.filter(source="primary").update(checked_at=tomorrow)
    if is_changed:
        change(imported_primary / PRIMARY, _NEW_POST)
        assert tick("primary").state == "imported"

    assert tick("primary").state == "unchanged"

    assert sync_of("primary").checked_at < tomorrow


def test_a_deletion_that_began_before_an_import_and_is_committed_after_it_is_seen(imported_primary: Path) -> None:
    gone, other = ConsultationInquiry.objects.order_by("pk")[:2]
    with person_session(begins=True) as session:
        with session.cursor() as cursor:
            cursor.execute("DELETE FROM consultation_inquiries WHERE inquiry_id = %s", [gone.pk])
        write_as_person("UPDATE consultation_inquiries SET notes = 'later' WHERE inquiry_id = %s", other.pk)
        change(imported_primary / PRIMARY, _NEW_POST)
        assert tick("primary").state == "imported"
        session.commit()

    assert tick("primary").state == "imported"

    assert LedgerRow.objects.filter(target_key=gone.pk, state="deleted").exists()
    assert tick("primary").state == "unchanged"


def test_an_import_is_recorded_though_a_later_look_was_refused_meanwhile(imported_primary: Path) -> None:
    run = ImportRun.objects.get(source="primary")
    SourceSync.objects.filter(source="primary").update(error="Another import is running.", run_id=None)
    refused_at = sync_of("primary").checked_at
    report = SourceReport("primary", "completed")

    record_synced_import("primary", report, run=run.pk, fingerprint="f", began_at=refused_at - timedelta(seconds=5))

    sync = sync_of("primary")
    assert (sync.error, sync.run_id, sync.reading, sync.checked_at) == ("", run.pk, "f", refused_at)


def test_a_committed_change_is_imported_once(imported_primary: Path) -> None:
    before = sync_of("primary")
    change(imported_primary / PRIMARY, "UPDATE consultation_inquiries SET company = 'Renamed GmbH'")

    first, second = tick("primary"), tick("primary")

    assert (first.state, first.sentence) == ("imported", "primary: 15 updated, 7 unchanged.")
    assert second.state == "unchanged"
    assert company() == "Renamed GmbH"
    sync = sync_of("primary")
    assert sync.run_id == latest_import("primary").pk != before.run_id
    assert before.changed_at
    assert sync.changed_at
    assert sync.changed_at > before.changed_at


def test_a_change_that_neither_size_nor_time_tells_is_imported(imported_primary: Path) -> None:
    path = imported_primary / PRIMARY
    old = path.stat()
    change(path, "UPDATE consultation_inquiries SET company = 'x' || substr(company, 2)")
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (old.st_size, old.st_mtime_ns)

    assert tick("primary").state == "imported"
    assert company().startswith("x")


def test_a_change_that_lies_in_the_write_ahead_log_only_is_imported(imported_primary: Path) -> None:
    path = imported_primary / PRIMARY
    change(path, "PRAGMA journal_mode = WAL")
    assert tick("primary").state == "imported"  # the rebuilt file is to be in that mode, too
    main = path.read_bytes()

    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("UPDATE consultation_inquiries SET company = 'In the log'")
        assert path.read_bytes() == main
        assert tick("primary").state == "imported"
        assert company() == "In the log"
        assert tick("primary").state == "unchanged"


def test_rows_replaced_by_themselves_never_hide_a_change(imported_primary: Path) -> None:
    rewrite_all(imported_primary / PRIMARY)
    tick("primary")
    change(imported_primary / PRIMARY, "UPDATE linkedin_posts SET likes = likes + 1")
    rewrite_all(imported_primary / PRIMARY)
    before = list(Post.objects.filter(data_source="linkedin_primary").order_by("pk").values_list("likes", flat=True))

    assert tick("primary").state == "imported"

    after = list(Post.objects.filter(data_source="linkedin_primary").order_by("pk").values_list("likes", flat=True))
    assert after == [(likes or 0) + 1 for likes in before]


def test_an_older_file_put_back_is_a_change(imported_primary: Path) -> None:
    older = shutil.copy2(imported_primary / PRIMARY, imported_primary / "older.db")
    change(imported_primary / PRIMARY, "UPDATE consultation_inquiries SET company = 'Renamed GmbH'")
    assert tick("primary").state == "imported"

    shutil.copy2(older, imported_primary / PRIMARY)

    assert tick("primary").state == "imported"
    assert company() != "Renamed GmbH"


def test_what_failed_to_land_is_not_taken_for_landed(imported_primary: Path) -> None:
    change(imported_primary / PRIMARY, "ALTER TABLE linkedin_posts RENAME TO elsewhere")
    assert [tick("primary").state for _ in range(2)] == ["failed", "failed"]
    assert "table linkedin_posts is missing" in sync_of("primary").error

    change(imported_primary / PRIMARY, "ALTER TABLE elsewhere RENAME TO linkedin_posts")

    assert tick("primary").state == "imported"
    assert sync_of("primary").error == ""


@pytest.fixture
def newer_migration() -> Iterator[Callable[[], None]]:
    """Return a function that records a migration; it is forgotten after the test."""
    yield lambda: execute("default", "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())")
    execute("default", "DELETE FROM django_migrations WHERE app = 'x'")


def test_migrated_tables_are_a_reason_to_read_the_file_again(
    imported_primary: Path, newer_migration: Callable[[], None]
) -> None:
    newer_migration()

    assert [tick("primary").state for _ in range(2)] == ["imported", "unchanged"]


def test_a_restored_database_is_brought_in_step(imported_primary: Path) -> None:
    change(imported_primary / PRIMARY, "UPDATE consultation_inquiries SET company = 'Renamed GmbH'")
    tick("primary")
    # As a dump from before it has it: the business core remembers a run that its tables do not know.
    ImportRun.objects.using("default").filter(pk=latest_import("primary").pk).delete()

    assert tick("primary").state == "imported"


def test_edits_here_are_no_reason_to_import(imported_primary: Path) -> None:
    ConsultationInquiry.objects.update(notes="called")
    make_post()
    runs = run_count("default")

    assert tick("primary").state == "unchanged"
    assert run_count("default") == runs
    before = state("default")
    run_import("primary", imported_primary)
    assert state("default") == before


def test_a_row_deleted_here_is_noted_once(imported_primary: Path) -> None:
    Post.objects.filter(data_source="linkedin_primary").order_by("pk")[0].delete()

    assert [tick("primary").state for _ in range(2)] == ["imported", "unchanged"]
    assert LedgerRow.objects.using("default").filter(source="primary", state="deleted").count() == 1


def test_a_row_that_stood_in_anothers_way_and_goes_lets_it_land(imported_primary: Path) -> None:
    change(imported_primary / PRIMARY, _NEW_POST)
    ours = make_post(external_post_id="new")
    assert tick("primary").state == "imported"
    assert rows("default", "SELECT key FROM ledger WHERE state = 'quarantined'") == [("new",)]
    assert tick("primary").state == "unchanged"

    ours.delete()

    assert [tick("primary").state for _ in range(2)] == ["imported", "unchanged"]
    assert rows("default", "SELECT key FROM ledger WHERE state = 'quarantined'") == []


def test_a_row_tried_again_by_a_person_is_looked_at_once_more(imported_primary: Path) -> None:
    change(imported_primary / PRIMARY, _NEW_POST)
    ours = make_post(external_post_id="new")
    tick("primary")
    Post.objects.filter(pk=ours.pk).update(external_post_id="another")
    (row,) = LedgerRow.objects.using("default").filter(state="quarantined")

    assert replay_quarantined_rows("default", [row.pk], author="sofia").settled == (row.pk,)

    assert [tick("primary").state for _ in range(2)] == ["imported", "unchanged"]


def test_one_sources_change_is_no_reason_to_import_the_others(both_imported: Path) -> None:
    change(both_imported / PRIMARY, "UPDATE linkedin_posts SET likes = likes + 1")
    assert tick("primary").state == "imported"
    runs = run_count("default")

    assert tick("duplicate").state == "unchanged"
    assert run_count("default") == runs
    before = state("default")
    run_import("duplicate", both_imported)
    assert state("default") == before


def test_a_clock_does_not_overrule_who_undid_an_import(both_imported: Path) -> None:
    undo_run(UndoRequest("default", latest_import("duplicate").pk, requested_by="olga"))
    assert "olga has undone its import" in sync_of("duplicate").error
    change(both_imported / DUPLICATE, "UPDATE consultation_inquiries SET company = 'Renamed GmbH'")

    held = tick("duplicate")

    assert held.state == "held"
    assert "until a person imports it again" in held.sentence
    assert "duplicate" not in _sources_of(ConsultationInquiry)

    assert run_import("duplicate", both_imported).error is None
    assert sync_of("duplicate").error == ""
    assert tick("duplicate").state == "unchanged"


def _sources_of(model: Any) -> set[str]:
    return {name.removeprefix("linkedin_") for name in model.objects.values_list("data_source", flat=True)}


def test_the_file_itself_is_as_it_was(imported_primary: Path) -> None:
    before, beside = contents(imported_primary / PRIMARY), sorted(path.name for path in imported_primary.iterdir())

    tick("primary")

    assert contents(imported_primary / PRIMARY) == before
    assert sorted(path.name for path in imported_primary.iterdir()) == beside
