"""What a job does is in the log under its run's id, which people are shown."""

from datetime import timedelta

import pytest
import structlog
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import NeedsPersonError
from synapse.kit.jobs.job import Result
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform, perform_tick
from synapse.kit.jobs.queueing import pause_job, queue_run, resume_job
from synapse.kit.jobs.work import Work
from synapse.kit.notices.models import Notice
from tests.integration.synapse.kit.jobs.conftest import Make
from tests.log_lines import logged_events, only_event

pytestmark = pytest.mark.django_db(databases=ALIASES)

TICK = "2026-11-23T06:00:00+02:00"
LOG: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def _count(_: Work) -> Result:
    LOG.info("counted")
    return {"summary": "Counted 2."}


def _fail(_: Work) -> Result:
    raise ValueError("no luck")


def _need_person(_: Work) -> Result:
    raise NeedsPersonError("Mend the file.")


def test_a_job_that_went_well_is_logged_from_its_start_to_its_end(make_job: Make) -> None:
    make_job(_count)

    with logged_events() as events:
        perform_tick("count", TICK)

    run = JobRun.objects.get()
    assert [event["event"] for event in events] == ["job.started", "counted", "job.ended"]
    assert {(event["job"], event["run_id"], event["attempt"]) for event in events} == {("count", str(run.pk), 1)}
    ended = only_event(events, "job.ended")
    assert (ended["summary"], ended["requested_by"]) == ("Counted 2.", "the schedule")
    assert ended["seconds"] >= 0


def test_an_attempt_that_is_tried_again_is_a_warning_and_the_last_one_an_error(make_job: Make) -> None:
    make_job(_fail, attempts=2)

    with logged_events() as events:
        perform_tick("count", TICK)
        JobRun.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        perform(str(JobRun.objects.get().pk))

    first, last = [event for event in events if event["event"] == "job.failed"]
    assert (first["level"], first["state"], first["attempt"]) == ("warning", "retrying", 1)
    assert (last["level"], last["state"], last["attempt"]) == ("error", "given_up", 2)
    assert first["due_at"]
    assert "due_at" not in last or last["due_at"] is None
    assert "_fail" in last["traceback"]


def test_a_failed_job_is_found_by_the_id_on_its_notice_and_on_its_pages(make_job: Make, admin_user: User) -> None:
    make_job(_need_person)
    client = Client()
    client.force_login(admin_user)

    with logged_events() as events:
        perform_tick("count", TICK)

    run_id = only_event(events, "job.failed")["run_id"]
    assert f"Id in the log: {run_id}." in Notice.objects.get().text
    for page in ("/admin/operations/", f"/admin/operations/runs/{run_id}/"):
        assert run_id in client.get(page).content.decode().partition("Id in the log")[2][:300]


def test_a_job_that_fails_at_the_terminal_says_its_id(make_job: Make) -> None:
    make_job(_fail)

    with logged_events() as events, pytest.raises(CommandError) as refused:
        call_command("run_job", "count")

    assert f"Id in the log: {only_event(events, 'job.failed')['run_id']}" in str(refused.value)


def test_a_run_whose_worker_died_too_often_is_logged_as_given_up(make_job: Make) -> None:
    make_job(_count, attempts=1)
    run = JobRun.objects.create(job="count", key="k", state=JobRun.State.RUNNING, attempts=1)

    with logged_events() as events:
        perform(str(run.pk))

    event = only_event(events, "job.given_up")
    assert (event["level"], event["run_id"]) == ("error", str(run.pk))


def test_what_people_ask_of_jobs_is_logged_once_it_is_done(make_job: Make) -> None:
    make_job(_count)

    with logged_events() as events:
        run = queue_run("count", requested_by="ann")
        assert run is not None
        assert queue_run("count", requested_by="bob") is None
        pause_job("count", by="ann")
        pause_job("count", by="bob")
        resume_job("count")

    assert [event["event"] for event in events] == ["job.queued", "job.paused", "job.resumed"]
    queued, paused, _ = events
    assert (queued["run_id"], queued["requested_by"], paused["by"]) == (str(run.pk), "ann", "ann")
