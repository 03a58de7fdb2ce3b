"""One run: attempted, counted, retried, given up; and each of its effects once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone
from django_q.models import OrmQ

from business_core.models import Post
from synapse.foundation.databases import ALIASES, ANALYTICS, BUSINESS_CORE
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.jobs.errors import JobBusyError, JobFailedError, NeedsPersonError
from synapse.kit.jobs.job import Result
from synapse.kit.jobs.models import JobEffect, JobRun
from synapse.kit.jobs.performing import perform, perform_tick, run_job_by_hand
from synapse.kit.jobs.queueing import retry_run
from synapse.kit.jobs.run_locks import hold_run_locks, live_runs
from synapse.kit.jobs.work import Work
from synapse.kit.notices.models import Kind, Notice
from tests.factories import make_post
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

TICK = "2026-11-23T06:00:00+02:00"
State = JobRun.State


class Counter:
    """A job that notes when it worked, and fails as often as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.attempts: list[int] = []
        self.done = 0

    def __call__(self, work: Work) -> Result:
        self.attempts.append(work.attempt)
        for alias in (BUSINESS_CORE, ANALYTICS):
            with work.idempotent_step(alias, "count") as is_first:
                self.done += is_first
        if self.failures:
            raise self.failures.pop(0)
        return {"summary": f"Counted {self.done}."}


def only_run() -> JobRun:
    return JobRun.objects.get()


def open_notices() -> list[str]:
    return list(Notice.objects.filter(kind=Kind.JOB_GIVEN_UP, resolved_at=None).values_list("text", flat=True))


def test_tick_that_comes_twice_is_one_run(make_job: Make) -> None:
    counter = Counter()
    make_job(counter)

    assert perform_tick("count", TICK) == "Counted 2."
    assert perform_tick("count", TICK) == "count: nothing to do, the run is done."

    assert counter.attempts == [1]
    run = only_run()
    assert (run.state, run.attempts, run.result) == (State.DONE, 1, {"summary": "Counted 2."})
    assert run.due_at == datetime.fromisoformat(TICK)
    assert run.finished_at is not None


def test_next_tick_is_another_run(make_job: Make) -> None:
    counter = Counter()
    make_job(counter)

    perform_tick("count", TICK)
    perform_tick("count", "2026-11-23T10:00:00+02:00")

    assert counter.done == 4


def test_failed_attempt_is_tried_again_later_and_its_effect_stays_single(make_job: Make) -> None:
    counter = Counter(ValueError("no luck"))
    make_job(counter, retry_after=timedelta(minutes=3))

    assert perform_tick("count", TICK) == "count failed: no luck"

    run = only_run()
    assert (run.state, run.error) == (State.RETRYING, "no luck")
    assert "Traceback" in run.traceback
    assert run.due_at is not None
    assert timedelta(minutes=2) < run.due_at - timezone.now() <= timedelta(minutes=3)
    message = OrmQ.objects.get()
    assert message.lock == run.due_at
    assert message.task["func"] == "synapse.kit.jobs.performing.perform"
    # Before it is due a message that comes again changes nothing.
    assert "will be tried again" in perform(str(run.pk))
    JobRun.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    perform(*message.task["args"])
    assert counter.attempts == [1, 2]
    assert counter.done == 2
    assert set(JobEffect.objects.using(ANALYTICS).values_list("key", flat=True)) == {f"count {TICK} count"}
    run.refresh_from_db()
    assert (run.state, run.error, run.traceback) == (State.DONE, "", "")
    assert [entry["error"] for entry in run.history] == ["no luck"]


def test_pauses_between_attempts_double(make_job: Make) -> None:
    make_job(Counter(ValueError(), ValueError()), retry_after=timedelta(minutes=1))
    assert perform_tick("count", TICK) == "count failed: ValueError"
    JobRun.objects.update(due_at=timezone.now())

    perform(str(only_run().pk))

    assert timedelta(seconds=110) < only_run().due_at - timezone.now() <= timedelta(minutes=2)  # type: ignore[operator]


def test_run_whose_attempts_are_used_up_is_given_up_with_a_notice(make_job: Make) -> None:
    make_job(Counter(ValueError("first"), ValueError("last")), attempts=2)
    for _ in range(2):
        JobRun.objects.update(due_at=timezone.now())
        perform_tick("count", TICK)

    assert (only_run().state, only_run().error) == (State.GIVEN_UP, "last")
    assert open_notices() == [f"last Id in the log: {only_run().pk}."]


def test_failure_that_needs_a_person_is_given_up_at_once(make_job: Make) -> None:
    make_job(Counter(NeedsPersonError("Mend the file.")))

    perform_tick("count", TICK)

    assert (only_run().state, only_run().error) == (State.GIVEN_UP, "Mend the file.")
    assert not OrmQ.objects.exists()


def test_run_whose_worker_died_each_time_is_given_up_without_another_attempt(make_job: Make) -> None:
    counter = Counter()
    make_job(counter, attempts=2)
    JobRun.objects.create(
        job="count", key="k", state=State.RUNNING, attempts=2, started_at=timezone.now(), host="here", process_id=7
    )

    perform(str(only_run().pk))

    assert counter.attempts == []
    run = only_run()
    assert run.state == State.GIVEN_UP
    assert "worker died in each of 2 attempts" in run.error
    assert run.history[0]["worker"] == "process 7 on here"
    assert open_notices() == [f"{run.error} Id in the log: {run.pk}."]


def test_later_good_run_settles_what_waited_for_a_person(make_job: Make) -> None:
    make_job(Counter(NeedsPersonError("Mend the file.")))
    perform_tick("count", TICK)

    perform_tick("count", "2026-11-23T10:00:00+02:00")

    first = JobRun.objects.get(key__endswith=TICK)
    assert (first.state, first.settled_by) == (State.SETTLED, "a later run that went well")
    assert open_notices() == []


def test_run_given_up_is_queued_again_once_and_keeps_its_key(make_job: Make) -> None:
    counter = Counter(NeedsPersonError("Mend the file."))
    make_job(counter)
    perform_tick("count", TICK)
    run = only_run()

    assert retry_run(run.pk, requested_by="ann") is not None
    assert retry_run(run.pk, requested_by="ann") is None

    (message,) = OrmQ.objects.all()
    perform(*message.task["args"])
    assert counter.attempts == [1, 1]
    assert counter.done == 2
    assert only_run().state == State.DONE


def test_tick_while_the_job_is_at_work_is_skipped(make_job: Make) -> None:
    counter = Counter()
    make_job(counter)
    other = JobRun.objects.create(job="count", key="other", state=State.RUNNING)

    with hold_run_locks(other):
        assert live_runs([other.pk, uuid4()]) == {other.pk}
        perform_tick("count", TICK)

    assert live_runs([other.pk]) == set()
    assert counter.attempts == []
    assert JobRun.objects.get(key__endswith=TICK).state == State.SKIPPED


def test_tick_that_meets_the_lock_of_a_run_that_just_ended_is_not_skipped(make_job: Make) -> None:
    counter = Counter()
    make_job(counter)
    ended = JobRun.objects.create(job="count", key="other", state=State.DONE)

    with hold_run_locks(ended):
        perform_tick("count", TICK)

    tick = JobRun.objects.get(key__endswith=TICK)
    assert tick.state == State.QUEUED
    assert OrmQ.objects.get().lock < timezone.now() + timedelta(seconds=5)
    perform(str(tick.pk))
    assert counter.attempts == [1]


def test_message_delivered_while_the_run_is_at_work_is_looked_at_again(make_job: Make) -> None:
    counter = Counter()
    make_job(counter)
    run = JobRun.objects.create(job="count", key="k", state=State.RUNNING, attempts=1)

    with hold_run_locks(run):
        perform(str(run.pk))

    assert counter.attempts == []
    assert OrmQ.objects.get().lock > timezone.now()


def test_run_by_hand_fails_without_waiting_for_anybody(make_job: Make) -> None:
    make_job(Counter(ValueError("no luck")))

    with pytest.raises(JobFailedError, match="no luck"):
        run_job_by_hand("count", requested_by="ann")

    assert (only_run().state, only_run().settled_by) == (State.SETTLED, "ann")
    assert not OrmQ.objects.exists()
    assert open_notices() == []


def test_run_by_hand_while_the_job_is_at_work_is_refused(make_job: Make) -> None:
    make_job()
    other = JobRun.objects.create(job="count", key="other", state=State.RUNNING)

    with hold_run_locks(other), pytest.raises(JobBusyError, match="at work already"):
        run_job_by_hand("count", requested_by="ann")

    assert JobRun.objects.get() == other


def test_changes_are_signed_by_the_job_and_who_asked_for_it(make_job: Make) -> None:
    make_post(external_post_id="p1")

    def _touch(work: Work) -> Result:
        with work.idempotent_step(BUSINESS_CORE):
            Post.objects.update(content=work.key)
        return None

    make_job(_touch)
    perform_tick("count", TICK)
    run_job_by_hand("count", requested_by="ann")

    authors = ChangeLogEntry.objects.using(BUSINESS_CORE).order_by("pk").values_list("author", flat=True)
    assert list(authors)[-2:] == ["the job count", "ann, by the job count"]


def test_error_that_text_cannot_hold_is_recorded_all_the_same(make_job: Make) -> None:
    make_job(Counter(NeedsPersonError("nul \x00 and half \ud800")))

    perform_tick("count", TICK)

    assert only_run().error == "nul \\x00 and half \\ud800"


def test_late_end_of_an_attempt_that_another_took_over_is_not_written(make_job: Make) -> None:
    def _lose(work: Work) -> Result:
        JobRun.objects.filter(pk=work.run_id).update(attempts=2)
        return {"summary": "too late"}

    make_job(_lose)

    perform_tick("count", TICK)

    assert (only_run().state, only_run().result) == (State.RUNNING, None)


@pytest.mark.django_db(databases=ALIASES, transaction=True)
def test_progress_is_seen_by_others_while_the_job_is_in_a_transaction(make_job: Make) -> None:
    seen: list[Any] = []

    def _look(work: Work) -> Result:
        with transaction.atomic(using=BUSINESS_CORE):
            work.report_progress(3, 13, "week3")
            work.report_progress(4, 13, "told less than a second later")
            other = connections.create_connection(BUSINESS_CORE)
            with other.cursor() as cursor:
                cursor.execute("SELECT progress FROM job_run")
                seen.append(cursor.fetchone()[0])
            other.close()
        return None

    make_job(_look)
    perform_tick("count", datetime.now(tz=UTC).isoformat())

    assert "week3" in str(seen[0])
    assert only_run().progress is None
