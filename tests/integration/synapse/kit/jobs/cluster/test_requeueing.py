"""What dead workers had taken is given back at once, and what living ones have stays theirs."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster.requeueing import release_taken_messages, requeue_dead_runs, requeue_runs_of_processes
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.run_locks import hold_run_locks
from tests.integration.synapse.kit.jobs.cluster.rows import (
    dead_process,
    is_free,
    make_cluster,
    make_run,
    message_of,
    other_message,
    tick_message,
)
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

TICK = "2026-11-23T06:00:00+02:00"
State = JobRun.State


def test_run_whose_worker_died_is_queued_again_with_its_attempt_counted(make_job: Make) -> None:
    job = make_job()
    run = make_run(job, process_id=dead_process())
    message = message_of(run, job)

    freed = requeue_dead_runs(timezone.now())

    run.refresh_from_db()
    assert freed == [run.pk]
    assert (run.state, run.attempts) == (State.QUEUED, 1)
    assert [attempt["error"] for attempt in run.history] == ["Its worker died."]
    assert is_free(message)
    assert OrmQ.objects.count() == 1


def test_run_under_its_lock_is_left_alone(make_job: Make) -> None:
    job = make_job()
    run = make_run(job, process_id=dead_process())
    message = message_of(run, job)

    with hold_run_locks(run):
        assert requeue_dead_runs(timezone.now()) == []
        assert requeue_runs_of_processes([], now=timezone.now(), reason="stopped") == []

    assert not is_free(message)


def test_run_that_lost_only_its_connection_is_left_to_its_process(make_job: Make) -> None:
    make_run(make_job(), process_id=os.getpid())

    assert requeue_dead_runs(timezone.now()) == []


def test_run_whose_process_number_went_to_a_later_process_is_dead(make_job: Make) -> None:
    run = make_run(make_job(), process_id=os.getpid(), started_at=timezone.now() - timedelta(days=1))

    assert requeue_dead_runs(timezone.now()) == [run.pk]


def test_run_without_a_message_gets_one(make_job: Make) -> None:
    run = make_run(make_job(), process_id=dead_process())

    requeue_dead_runs(timezone.now())

    message = OrmQ.objects.get()
    assert message.task["args"] == (str(run.pk),)
    assert is_free(message)


def test_run_whose_message_waits_already_gets_no_second_one(make_job: Make) -> None:
    job = make_job()
    run = make_run(job, process_id=dead_process())
    OrmQ.objects.filter(pk=message_of(run, job).pk).update(lock=timezone.now())

    requeue_dead_runs(timezone.now())

    assert OrmQ.objects.count() == 1


def test_run_by_hand_that_died_is_put_aside(make_job: Make) -> None:
    run = make_run(make_job(), process_id=dead_process(), by_hand=True, requested_by="clerk")

    requeue_dead_runs(timezone.now())

    run.refresh_from_db()
    assert (run.state, run.settled_by, run.error) == (State.SETTLED, "clerk", "The process that ran it is gone.")
    assert not OrmQ.objects.exists()


def test_run_on_another_machine_waits_as_long_as_somebody_looks_after_it(make_job: Make) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    run = make_run(make_job(), host="elsewhere", started_at=long_ago)
    cluster = make_cluster(host="elsewhere")

    assert requeue_dead_runs(timezone.now()) == []
    type(cluster).objects.update(seen_at=long_ago)
    assert requeue_dead_runs(timezone.now()) == [run.pk]


def test_run_cut_off_by_a_restart_loses_no_attempt(make_job: Make) -> None:
    job = make_job()
    cut, other = make_run(job, process_id=dead_process()), make_run(job)
    message = message_of(cut, job)

    assert cut.process_id is not None
    handed = requeue_runs_of_processes(
        [cut.process_id], now=timezone.now(), reason="The workers were stopped while it ran."
    )

    cut.refresh_from_db()
    other.refresh_from_db()
    assert handed == [cut.pk]
    assert (cut.state, cut.attempts) == (State.QUEUED, 0)
    assert cut.history[0]["error"] == "The workers were stopped while it ran."
    assert (other.state, other.attempts) == (State.RUNNING, 1)
    assert is_free(message)


def test_messages_taken_and_not_begun_are_freed(make_job: Make) -> None:
    job = make_job()
    queued = message_of(make_run(job, state=State.QUEUED, attempts=0), job)
    tick = tick_message(job, TICK)
    done = message_of(make_run(job, state=State.DONE), job)

    assert release_taken_messages(timezone.now(), alone=False) == 3
    assert is_free(queued)
    assert is_free(tick)
    assert is_free(done)


def test_message_of_a_run_at_work_stays_locked(make_job: Make) -> None:
    job = make_job()
    run = make_run(job)
    message = message_of(run, job)
    key, _, intended = run.key.partition(" ")
    tick = tick_message(job, intended)

    assert key == job.name
    assert release_taken_messages(timezone.now(), alone=True) == 0
    assert not is_free(message)
    assert not is_free(tick)


def test_retry_that_is_due_later_waits_for_its_time(make_job: Make) -> None:
    job = make_job()
    later = timezone.now() + timedelta(minutes=2)
    message = message_of(make_run(job, state=State.RETRYING, due_at=later), job)

    assert release_taken_messages(timezone.now(), alone=True) == 0
    assert release_taken_messages(later + timedelta(seconds=1), alone=True) == 1
    assert not is_free(message)  # yet: freed as of then


def test_message_about_no_run_is_freed_only_where_no_other_cluster_has_it() -> None:
    message = other_message()

    assert release_taken_messages(timezone.now(), alone=False) == 0
    assert release_taken_messages(timezone.now(), alone=True) == 1
    assert is_free(message)
