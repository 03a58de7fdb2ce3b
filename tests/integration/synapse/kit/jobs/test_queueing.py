"""Asking for runs: once, and in words the job knows."""

from typing import Any

import pytest
from django_q.models import OrmQ

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.job import Option
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform, perform_tick
from synapse.kit.jobs.queueing import is_work_active, pause_job, queue_run, resume_job, retry_run
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

TICK = "2026-11-23T06:00:00+02:00"


def test_equal_run_is_queued_once(make_job: Make) -> None:
    make_job(options=(Option("source", "which", choices=("primary", "week3")),))

    assert queue_run("count", requested_by="ann", arguments={"source": "primary"}) is not None
    assert queue_run("count", requested_by="bob", arguments={"source": "primary"}) is None
    assert queue_run("count", requested_by="bob", arguments={"source": "week3"}) is not None
    assert OrmQ.objects.count() == 2


def test_input_that_was_asked_for_once_is_not_asked_for_again(make_job: Make) -> None:
    make_job()
    run = queue_run("count", requested_by="ann", key="import 7")
    assert run is not None
    perform(str(run.pk))

    assert queue_run("count", requested_by="ann", key="import 7") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"source": "primry"}, "count: source is one of primary, not 'primry'."),
        ({"sauce": "primary"}, "The job count has no option 'sauce'."),
    ],
)
def test_unknown_argument_is_refused_in_a_sentence(make_job: Make, arguments: dict[str, Any], said: str) -> None:
    make_job(options=(Option("source", "which", choices=("primary",)),))

    with pytest.raises(UnknownJobError) as caught:
        queue_run("count", requested_by="ann", arguments=arguments)

    assert str(caught.value) == said


def test_unknown_job_is_refused_with_the_names_there_are(make_job: Make) -> None:
    make_job()

    with pytest.raises(UnknownJobError, match="There is no job 'cuont'; there are count"):
        queue_run("cuont", requested_by="ann")


def test_paused_job_lets_its_ticks_pass(make_job: Make) -> None:
    ticks: list[str] = []
    make_job(lambda work: ticks.append(work.key))
    assert pause_job("count", by="ann", reason="the disk is being changed")
    assert not pause_job("count", by="bob")

    assert perform_tick("count", TICK) == "count is paused."
    assert not JobRun.objects.exists()

    assert resume_job("count")
    perform_tick("count", TICK)
    assert ticks == [f"count {TICK}"]


def test_given_up_run_is_not_retried_while_the_same_work_is_active(make_job: Make) -> None:
    make_job(options=(Option("all", "count all"),))
    make_job(name="another")
    given_up = JobRun.objects.create(job="count", key="given up", state=JobRun.State.GIVEN_UP)
    queue_run("another", requested_by="ada")
    queue_run("count", requested_by="ada", arguments={"all": True})
    assert not is_work_active(given_up)

    queue_run("count", requested_by="ada")

    assert is_work_active(given_up)
    assert retry_run(given_up.pk, requested_by="ada") is None
