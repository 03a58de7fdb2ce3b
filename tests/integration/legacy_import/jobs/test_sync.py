"""The job sync-legacy: all sources at one tick, what it answers, and what it does where something is wrong."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from business_core.models import ConsultationInquiry
from legacy_import.jobs.progress import WorkProgress
from legacy_import.models import ImportRun, SourceSync
from legacy_import.pipeline.source_lock import take_source_lock
from legacy_import.services import ImportRequest, import_sources
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import JobFailedError
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick, run_job_by_hand
from synapse.kit.jobs.work import Work
from synapse.kit.notices.models import Kind, Notice
from tests.integration.legacy_import.services.ticks import run_count, sync_of
from tests.legacy_files import DUPLICATE, PRIMARY, change, locked, only

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

WEEK3 = "week3_business_development.db"

_THREE = {"primary", "duplicate", "week3"}
_NAMES = {source.name for source in SOURCES}


@pytest.fixture
def three_files(settings: Settings, legacy_dir: Path, tmp_path: Path) -> Path:
    (tmp_path / "few").mkdir()
    settings.LEGACY_DIR = only(legacy_dir, PRIMARY, DUPLICATE, WEEK3, into=tmp_path / "few")
    return tmp_path / "few"


@pytest.fixture
def imported(settings: Settings, real_legacy_dir: Path) -> Path:
    settings.LEGACY_DIR = real_legacy_dir
    reports = import_sources(SOURCES, ImportRequest(real_legacy_dir, requested_by="a test"))
    assert [report.error for report in reports] == [None] * len(SOURCES)
    return real_legacy_dir


def sync() -> JobRun:
    return run_job_by_hand("sync-legacy", requested_by="olga")


def test_quiet_ticks_write_no_import_runs_and_a_change_one(imported: Path) -> None:
    runs = run_count(*ALIASES)
    for minute in ("00", "15", "15"):
        perform_tick("sync-legacy", f"2026-11-23T06:{minute}:00+02:00")
    assert run_count(*ALIASES) == runs == len(SOURCES)
    assert [run.result for run in JobRun.objects.all()] == [
        {"summary": "All 13 sources are unchanged.", "sources": dict.fromkeys(_NAMES, "unchanged")}
    ] * 2
    assert set(SourceSync.objects.filter(error="").values_list("source", flat=True)) == _NAMES
    change(imported / DUPLICATE, "UPDATE consultation_inquiries SET company = 'Renamed GmbH'")

    perform_tick("sync-legacy", "2026-11-23T06:30:00+02:00")

    result = JobRun.objects.order_by("queued_at").last()
    assert result is not None
    assert (result.result or {})["summary"] == "duplicate: 1 updated, 7 unchanged. 12 unchanged."
    assert run_count(*ALIASES) == runs + 1
    assert ConsultationInquiry.objects.filter(company="Renamed GmbH").count() == 1
    run = ImportRun.objects.using("default").order_by("-started_at")[0]
    assert (run.source, run.requested_by) == ("duplicate", "the schedule, by the job sync-legacy")


def test_without_the_legacy_side_there_is_nothing_to_do(settings: Settings, tmp_path: Path) -> None:
    settings.LEGACY_DIR = tmp_path / "gone"
    assert (sync().result or {})["summary"] == f"No legacy files in {tmp_path / 'gone'}: nothing to pull in."
    settings.LEGACY_DIR.mkdir()
    (settings.LEGACY_DIR / "notes.txt").write_text("no declared file")

    assert (sync().result or {})["sources"] == {}
    assert not SourceSync.objects.exists()


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_folder_that_is_lost_needs_a_person(three_files: Path, *, is_empty: bool) -> None:
    sync()
    shutil.rmtree(three_files)
    if is_empty:
        three_files.mkdir()

    perform_tick("sync-legacy", "2026-11-23T06:00:00+02:00")

    run = JobRun.objects.get(state=JobRun.State.GIVEN_UP)
    assert f"The folder {three_files} is gone or holds none of the files it held at 20" in run.error
    assert Notice.objects.filter(kind=Kind.JOB_GIVEN_UP, resolved_at=None).count() == 1


def test_switched_off_nothing_is_pulled_in(settings: Settings, three_files: Path) -> None:
    sync()
    change(three_files / PRIMARY, "UPDATE linkedin_posts SET likes = likes + 1")
    settings.LEGACY_IS_ALIVE = False

    assert sync().result == {
        "summary": "The legacy side is switched off (LEGACY_IS_ALIVE=off): nothing to pull in.",
        "sources": {},
    }


def test_a_file_that_never_was_is_no_error_and_one_that_is_gone_is(
    three_files: Path,
) -> None:
    first = (sync().result or {})["sources"]
    assert {name for name, state in first.items() if state == "imported"} == _THREE
    assert set(first.values()) == {"imported", "absent"}
    (three_files / PRIMARY).unlink()

    with pytest.raises(JobFailedError) as caught:
        sync()

    assert str(caught.value).startswith(f"The legacy file {three_files / PRIMARY} is missing. Put it there again")
    assert sync_of("primary").error == str(caught.value)
    assert sync_of("duplicate").error == ""
    assert set(SourceSync.objects.values_list("source", flat=True)) == _THREE


def test_sources_that_fail_leave_the_others_be_and_are_named(settings: Settings, three_files: Path) -> None:
    settings.LEGACY_LOCK_TIMEOUT_SECONDS = 0.1
    (three_files / PRIMARY).write_bytes(b"no SQLite at all")

    with locked(three_files / DUPLICATE), pytest.raises(JobFailedError) as caught:
        sync()

    assert "does not begin with SQLite's header" in str(caught.value)
    assert "has been locked by another program for 0.1 seconds" in str(caught.value)
    wrong = set(SourceSync.objects.exclude(error="").values_list("source", flat=True))
    assert wrong == {"primary", "duplicate"}
    assert [one.source for one in SourceSync.objects.filter(error="")] == ["week3"]


def test_a_file_that_stays_broken_leaves_one_record_and_its_mending_another(three_files: Path) -> None:
    whole = (three_files / PRIMARY).read_bytes()
    (three_files / PRIMARY).write_bytes(b"no SQLite at all")
    for _ in range(3):
        with pytest.raises(JobFailedError):
            sync()
    (three_files / PRIMARY).write_bytes(whole)

    sync()

    runs = ImportRun.objects.using("default").filter(source="primary").order_by("started_at")
    assert [run.status for run in runs] == ["failed", "completed"]


@pytest.fixture
def another_import(transactional_db: None) -> Iterator[None]:
    """Hold the lock of the source primary as an import does, in another session."""
    run = ImportRun.objects.using("default").create(source="primary")
    session = connections["default"].copy()
    try:
        session.set_autocommit(False)
        with session.cursor() as cursor:
            take_source_lock(cursor, source="primary", run=str(run.pk))
        yield
    finally:
        session.close()


def test_a_source_somebody_imports_is_left_to_them(three_files: Path, another_import: None) -> None:
    result = sync().result or {}

    assert result["sources"]["primary"] == "busy"
    assert "primary: somebody imports it right now." in result["summary"]
    assert not SourceSync.objects.filter(source="primary").exists()
    assert result["sources"]["duplicate"] == "imported"


def test_watchers_see_which_source_and_how_many_rows() -> None:
    run = JobRun.objects.create(job="sync-legacy", key="now", state=JobRun.State.RUNNING)
    primary, week3 = source_named("primary"), source_named("week3")
    told = []
    for sources in ([primary, week3], [week3]):
        with Work(run, now=run.queued_at) as work:
            progress = WorkProgress(work, sources)
            progress.enter_stage("week3", "snapshot")
            run.refresh_from_db()
            told.append(run.progress)
            work._progress._written_at = float("-inf")
            progress._at = "week3: extract week3_posts"
            progress._total_rows = 9
            progress.advance_rows(7)
            run.refresh_from_db()
            told.append(run.progress)

    assert told == [
        {"done": 1, "total": 2, "words": "week3: snapshot"},
        {"done": 1, "total": 2, "words": "week3: extract week3_posts, 7 of 9 rows read"},
        {"done": 0, "total": 0, "words": "week3: snapshot"},
        {"done": 7, "total": 9, "words": "week3: extract week3_posts"},
    ]
