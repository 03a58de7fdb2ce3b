"""Runs and ticks that fell down before they began are taken up again, and never stay for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster.requeueing import requeue_forgotten_runs
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform
from synapse.kit.jobs.run_locks import hold_run_locks
from tests.integration.synapse.kit.jobs.cluster.rows import is_free, make_run, message_of, other_message, tick_message
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

TICK = "2026-11-23T06:00:00+02:00"
LATER = timedelta(seconds=31)
State = JobRun.State


def test_queued_run_whose_message_is_lost_gets_another_one_once(make_job: Make) -> None:
    run = make_run(make_job(), state=State.QUEUED, attempts=0)

    assert requeue_forgotten_runs(run.queued_at + timedelta(seconds=30)) == []  # its message may be on its way
    assert requeue_forgotten_runs(timezone.now() + LATER) == [run.pk]
    assert requeue_forgotten_runs(timezone.now() + LATER) == []

    assert [message.task["args"] for message in OrmQ.objects.all()] == [(str(run.pk),)]


def test_retry_whose_message_is_lost_gets_another_one_when_it_is_due(make_job: Make) -> None:
    due_at = timezone.now() + timedelta(minutes=5)
    run = make_run(make_job(), state=State.RETRYING, due_at=due_at)

    assert requeue_forgotten_runs(due_at + timedelta(seconds=30)) == []
    assert requeue_forgotten_runs(due_at + LATER) == [run.pk]


def test_run_under_its_lock_gets_no_message(make_job: Make) -> None:
    run = make_run(make_job(), state=State.QUEUED, attempts=0)

    with hold_run_locks(run):
        assert requeue_forgotten_runs(timezone.now() + LATER) == []


def test_run_of_a_job_that_was_dropped_stays_for_a_person_to_see(make_job: Make) -> None:
    run = make_run(make_job(), state=State.QUEUED, attempts=0)
    JobRun.objects.update(job="dropped")

    assert requeue_forgotten_runs(timezone.now() + LATER) == []
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_run_by_hand_that_was_killed_before_it_began_is_put_aside(make_job: Make) -> None:
    run = make_run(make_job(), state=State.QUEUED, attempts=0, by_hand=True, requested_by="clerk")

    requeue_forgotten_runs(timezone.now() + LATER)

    run.refresh_from_db()
    assert (run.state, run.settled_by) == (State.SETTLED, "clerk")
    assert not OrmQ.objects.exists()


def test_messages_taken_long_ago_and_not_begun_are_freed(make_job: Make) -> None:
    job = make_job()
    tick, queued = tick_message(job, TICK), message_of(make_run(job, state=State.QUEUED, attempts=0), job)
    at_work, other = message_of(make_run(job), job), other_message()

    requeue_forgotten_runs(timezone.now())
    assert not is_free(tick)
    requeue_forgotten_runs(timezone.now() + LATER)

    taken = {message.pk for message in OrmQ.objects.all() if message.lock > timezone.now() + LATER}
    assert taken == {at_work.pk, other.pk}
    assert OrmQ.objects.filter(pk__in=[tick.pk, queued.pk]).count() == 2


def test_retry_that_is_delivered_early_comes_again_when_it_is_due(make_job: Make) -> None:
    job = make_job()
    due_at = timezone.now() + timedelta(minutes=5)
    run = make_run(job, state=State.RETRYING, due_at=due_at)
    taken = message_of(run, job)

    perform(str(run.pk))
    perform(str(run.pk))

    (again,) = OrmQ.objects.exclude(pk=taken.pk)
    assert again.lock == due_at
