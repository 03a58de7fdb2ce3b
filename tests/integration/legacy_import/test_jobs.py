"""The job: it reports or fails as the command does, and the queue holds one import of a source at most."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.tasks import async_task
from pytest_django import Settings

from legacy_import import jobs
from legacy_import.errors import UnknownSourceError
from legacy_import.liveness import actual_status, lock_holders
from legacy_import.models import ImportRun
from legacy_import.pipeline.lock import take_source_lock
from legacy_import.sources import source_named
from tests.legacy_files import PRIMARY

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.fixture(autouse=True)
def looked_for(settings: Settings, legacy_dir: Path) -> Path:
    settings.LEGACY_DIR = legacy_dir
    return legacy_dir


def _tasks() -> list[tuple[object, ...]]:
    return [(row.task["func"], *row.task["args"]) for row in OrmQ.objects.order_by("pk")]


def _take(*, since: timedelta) -> None:
    """Lock every queued task as a cluster does that took it so long ago."""
    OrmQ.objects.update(lock=timezone.now() - since + timedelta(seconds=Conf.RETRY))


def _run(status: str) -> ImportRun:
    return ImportRun.objects.using("default").create(source="primary", status=status)


def test_the_job_returns_the_report() -> None:
    report = jobs.import_source("primary", "clerk")

    assert report["status"] == "completed"
    assert report["tables"]["consultation_inquiries"]["inserted"] == 15
    assert ImportRun.objects.using("default").get().requested_by == "clerk"


@pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])
def test_a_failed_run_raises_its_sentence(looked_for: Path) -> None:
    (looked_for / PRIMARY).unlink()

    with pytest.raises(jobs.ImportFailedError) as caught:
        jobs.import_source("primary")

    run = ImportRun.objects.using("default").get()
    assert str(caught.value) == run.error
    assert PRIMARY in run.error
    assert run.requested_by == "the scheduler"


@pytest.mark.parametrize("ask", [jobs.import_source, jobs.queue_import])
def test_an_unknown_source_is_refused(ask: object) -> None:
    with pytest.raises(UnknownSourceError, match="unknown source 'primry'; known are primary, duplicate"):
        ask("primry", "clerk")  # type: ignore[operator]  # both take a name and a person

    assert _tasks() == []
    assert not ImportRun.objects.using("default").exists()


def test_queueing_names_the_task_for_people() -> None:
    task_id = jobs.queue_import("primary", "clerk")

    task = OrmQ.objects.get().task
    assert (task["id"], task["name"], task["group"]) == (task_id, "import primary for clerk", "import primary")
    assert task["ack_failure"] is True


def test_a_long_name_fits_into_django_qs_columns() -> None:
    jobs.queue_import("primary", "x" * 150)

    assert len(OrmQ.objects.get().task["name"]) == Task._meta.get_field("name").max_length


def test_a_source_is_queued_once_and_others_beside_it() -> None:
    assert jobs.queue_import("primary", "one") is not None
    assert jobs.queue_import("primary", "two") is None
    assert jobs.queue_import("duplicate", "two") is not None

    assert _tasks() == [(jobs.TASK, "primary", "one"), (jobs.TASK, "duplicate", "two")]


def test_other_tasks_and_broken_ones_are_no_import() -> None:
    async_task("builtins.len", "primary")
    OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload="no package", lock=timezone.now())

    assert jobs.queue_import("primary", "clerk") is not None


def test_an_import_given_as_function_or_by_keyword_is_one_too() -> None:
    async_task(jobs.import_source, name="primary")

    assert jobs.queue_import("primary", "clerk") is None
    waiting = jobs.waiting_import(source_named("primary"))
    assert waiting is not None
    assert (waiting.requested_by, waiting.taken_at) == ("the scheduler", None)


def test_a_taken_import_still_counts() -> None:
    jobs.queue_import("primary", "one")
    _take(since=timedelta(minutes=9))

    assert jobs.queue_import("primary", "two") is None


def test_a_failed_import_that_waits_for_its_retry_gives_way() -> None:
    task_id = async_task(jobs.TASK, "primary")
    _take(since=timedelta(minutes=1))
    now = timezone.now()
    Task.objects.create(id=task_id, name="it failed", func=jobs.TASK, started=now, stopped=now, success=False)

    assert jobs.queue_import("primary", "two") is not None
    assert _tasks() == [(jobs.TASK, "primary", "two")]


def test_an_import_whose_worker_died_gives_way() -> None:
    jobs.queue_import("primary", "one")
    _take(since=timedelta(minutes=1))
    _run("running")

    assert jobs.queue_import("primary", "two") is not None
    assert _tasks() == [(jobs.TASK, "primary", "two")]


def test_an_import_lost_before_it_began_gives_way() -> None:
    jobs.queue_import("primary", "one")
    _take(since=timedelta(minutes=11))

    assert jobs.queue_import("primary", "two") is not None
    assert _tasks() == [(jobs.TASK, "primary", "two")]


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


@pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])
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


@pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])
def test_two_people_pressing_at_once_queue_one_import() -> None:
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

    assert len(_tasks()) == 1
