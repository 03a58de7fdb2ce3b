"""How an attempt ends: stopped by hand, or well after others of the same work were given up."""

from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.errors import NeedsPersonError
from synapse.kit.jobs.job import Result
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick, run_job_by_hand
from synapse.kit.jobs.work import Work
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

TICK = "2026-11-23T06:00:00+02:00"
State = JobRun.State


class Fails:
    """A job that fails as it is told, and does its work from then on."""

    def __init__(self, *failures: BaseException) -> None:
        self._failures = list(failures)

    def __call__(self, _work: Work) -> Result:
        if self._failures:
            raise self._failures.pop()
        return None


def test_attempt_that_a_person_stops_is_put_aside_as_stopped(make_job: Make) -> None:
    make_job(Fails(KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        run_job_by_hand("count", requested_by="ada")

    run = JobRun.objects.get()
    assert (run.state, run.error, run.settled_by) == (State.SETTLED, "Stopped by hand.", "ada")
    assert run.finished_at == run.settled_at is not None


def test_an_error_of_postgresql_is_kept_as_one_sentence_without_the_statement(make_job: Make) -> None:
    def ask(_work: Work) -> Result:
        with transaction.atomic(using=BUSINESS_CORE), connections[BUSINESS_CORE].cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        return None

    make_job(ask, attempts=1)
    perform_tick("count", TICK)

    run = JobRun.objects.get()
    assert run.error == 'relation "no_such_table" does not exist'
    assert "LINE 1" in run.traceback


def test_attempt_that_succeeded_settles_the_given_up_runs_of_the_same_work(make_job: Make) -> None:
    make_job(Fails(NeedsPersonError("Mend the file.")))
    perform_tick("count", TICK)

    perform_tick("count", "2026-11-23T10:00:00+02:00")

    states = JobRun.objects.order_by("due_at").values_list("state", "settled_by")
    assert list(states) == [(State.SETTLED, "a later run that went well"), (State.DONE, "")]


def test_failed_attempts_are_tried_again_after_one_two_and_four_minutes(make_job: Make) -> None:
    make_job(Fails(ValueError(), ValueError(), ValueError()), attempts=4)

    for minutes in (1, 2, 4):
        JobRun.objects.update(due_at=timezone.now())
        before = timezone.now()
        perform_tick("count", TICK)
        after = timezone.now()

        due_at = JobRun.objects.get().due_at
        assert due_at is not None
        assert before + timedelta(minutes=minutes) <= due_at <= after + timedelta(minutes=minutes)
