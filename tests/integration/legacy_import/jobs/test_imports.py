"""The job import-source: it reports or fails as the command does, and one import of a source waits at most."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connections
from django_q.models import OrmQ
from pytest_django import Settings

from legacy_import import jobs
from legacy_import.errors import UnknownSourceError
from legacy_import.jobs.imports import WaitingImport
from legacy_import.models import ImportRun
from legacy_import.pipeline.source_lock import take_source_lock
from legacy_import.running_imports import actual_status, lock_holders
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform, run_job_by_hand
from synapse.kit.jobs.queueing import queue_run
from synapse.kit.jobs.run_locks import hold_run_locks
from tests.legacy_files import PRIMARY, locked

pytestmark = pytest.mark.django_db(databases=ALIASES)

_State = JobRun.State


@pytest.fixture(autouse=True)
def looked_for(settings: Settings, legacy_dir: Path) -> Path:
    settings.LEGACY_DIR = legacy_dir
    return legacy_dir


def _asked() -> list[tuple[str, str]]:
    return [(run.arguments["source"], run.requested_by) for run in JobRun.objects.order_by("queued_at")]


def _queued(name: str = "primary", by: str = "clerk") -> JobRun:
    run = jobs.queue_import(name, by)
    assert run is not None
    return run


def _waiting() -> WaitingImport:
    return jobs.waiting_imports()["primary"]


def _run(status: str) -> ImportRun:
    return ImportRun.objects.using("default").create(source="primary", status=status)


def test_the_run_holds_the_report() -> None:
    run = run_job_by_hand("import-source", requested_by="clerk", arguments={"source": "primary"})

    result = run.result or {}
    assert result["summary"] == "primary: 22 inserted."
    assert result["tables"]["consultation_inquiries"]["inserted"] == 15
    assert ImportRun.objects.using("default").get().requested_by == "clerk"


@pytest.mark.django_db(transaction=True, databases=ALIASES)
def test_a_file_that_is_no_database_needs_a_person_at_once(looked_for: Path) -> None:
    (looked_for / PRIMARY).write_bytes(b"no SQLite at all")
    run = _queued()

    perform(str(run.pk))

    run.refresh_from_db()
    assert (run.state, run.attempts) == (_State.GIVEN_UP, 1)
    assert run.error == ImportRun.objects.using("default").get().error
    assert PRIMARY in run.error
    assert jobs.queue_import("primary", "clerk") is not None


@pytest.mark.django_db(transaction=True, databases=ALIASES)
def test_a_locked_file_is_tried_again(looked_for: Path, settings: Settings) -> None:
    settings.LEGACY_LOCK_TIMEOUT_SECONDS = 0.1
    run = _queued()

    with locked(looked_for / PRIMARY):
        perform(str(run.pk))

    run.refresh_from_db()
    assert run.state == _State.RETRYING
    assert "locked by another program" in run.error
    waiting = _waiting()
    assert (waiting.due_at, waiting.error, waiting.is_lost) == (run.due_at, run.error, False)
    assert jobs.queue_import("primary", "another") is None


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(UnknownSourceError, match="unknown source 'primry'; known are primary, duplicate"):
        jobs.queue_import("primry", "clerk")
    with pytest.raises(UnknownJobError, match="source is one of primary"):
        queue_run("import-source", requested_by="clerk", arguments={"source": "primry"})

    assert not JobRun.objects.exists()


def test_without_a_source_the_job_says_which_there_are() -> None:
    for ask in (run_job_by_hand, queue_run):
        with pytest.raises(UnknownJobError, match="needs its source: choose one of primary, duplicate"):
            ask("import-source", requested_by="clerk")

    assert not JobRun.objects.exists()


def test_a_source_is_queued_once_and_others_beside_it() -> None:
    _queued("primary", "one")
    assert jobs.queue_import("primary", "two") is None
    _queued("duplicate", "two")

    assert _asked() == [("primary", "one"), ("duplicate", "two")]
    assert OrmQ.objects.count() == 2
    assert (_waiting().requested_by, _waiting().taken_at) == ("one", None)


def test_what_operators_scheduled_before_there_was_the_job_queues_it() -> None:
    assert jobs.import_source("primary") == "primary: queued."
    assert jobs.import_source("primary", "clerk") == "primary: queued or running already."

    assert _asked() == [("primary", "the scheduler")]


def test_an_import_whose_worker_is_at_work_counts() -> None:
    run = _queued()
    started = datetime(2026, 11, 23, 6, tzinfo=UTC)
    JobRun.objects.filter(pk=run.pk).update(state=_State.RUNNING, started_at=started)

    with hold_run_locks(run):
        waiting = _waiting()
        again = jobs.queue_import("primary", "two")

    assert (waiting.taken_at, waiting.is_lost) == (started, False)
    assert again is None
    assert OrmQ.objects.count() == 1


def test_an_import_whose_worker_died_is_taken_up_again_when_asked_for() -> None:
    run = _queued()
    JobRun.objects.filter(pk=run.pk).update(state=_State.RUNNING, attempts=1)
    OrmQ.objects.all().delete()
    assert _waiting().is_lost

    again = jobs.queue_import("primary", "two")

    assert again == run
    (message,) = OrmQ.objects.all()
    perform(*message.task["args"])
    run.refresh_from_db()
    assert (run.state, run.attempts) == (_State.DONE, 2)
    assert jobs.waiting_imports() == {}


@pytest.fixture
def held_lock(transactional_db: None) -> Iterator[ImportRun]:
    """Take the source's lock as an import does, in a transaction of another session."""
    dead = _run("running")
    run = _run("running")
    assert dead.started_at < run.started_at
    another_session = connections["default"].copy()
    try:
        another_session.set_autocommit(False)
        with another_session.cursor() as cursor:
            take_source_lock(cursor, source="primary", run=str(run.pk))
        yield run
    finally:
        another_session.close()


@pytest.mark.django_db(transaction=True, databases=ALIASES)
def test_a_running_import_is_known_by_its_lock(held_lock: ImportRun) -> None:
    waiting = _run("running")
    holders = lock_holders("default", ["primary", "duplicate"])
    statuses = [actual_status(run, holders) for run in ImportRun.objects.using("default").order_by("started_at")]

    assert list(holders) == ["primary"]
    assert holders["primary"].run == held_lock
    assert statuses == ["interrupted", "running", "running"]
    assert waiting.started_at > held_lock.started_at
    assert jobs.queue_import("primary", "clerk") is None
    assert jobs.queue_import("duplicate", "clerk") is not None
    assert lock_holders("analytics", ["primary"]) == {}


@pytest.mark.django_db(transaction=True, databases=ALIASES)
def test_people_pressing_at_once_queue_one_import() -> None:
    together = Barrier(4)

    def press(person: str) -> None:
        together.wait()
        try:
            jobs.queue_import("primary", person)
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=[str(number)]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(_asked()) == 1
