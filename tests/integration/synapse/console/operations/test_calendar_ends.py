"""Moments at both ends of the calendar, and beyond: jobs, schedules and their pages know them all."""

import pytest
from django.test import Client
from django.utils import timezone

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick
from synapse.kit.jobs.schedules import ensure_schedules, find_job_schedule, unreadable_schedules
from tests.factories import make_job_run
from tests.imports import execute
from tests.integration.synapse.console.operations.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

MOMENTS = [
    "0001-01-01 00:00:00+14",
    "0001-01-01 00:00:00-12",
    "9999-12-31 23:59:59+14",
    "9999-12-31 23:59:59-12",
    "4713-01-01 00:00:00 BC",
    "infinity",
]
STATES = ["queued", "running", "retrying", "done", "given_up", "settled", "skipped"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_pages_of_jobs_show_runs_and_schedules_of_any_moment(moment: str, boss: Client, make_job: Make) -> None:
    job = make_job(cron="0 6 * * *")
    ensure_schedules(timezone.now())
    runs = [make_job_run(job="count", state=state) for state in STATES]
    for column in ("queued_at", "due_at", "started_at", "finished_at", "settled_at"):
        execute(BUSINESS_CORE, f"UPDATE job_run SET {column} = %s", [moment])
    execute(BUSINESS_CORE, "UPDATE django_q_schedule SET next_run = %s", [moment])
    schedule = find_job_schedule(job)
    assert schedule is not None

    paths = ["", "live/", "jobs/count/", "jobs/count/live/", *(f"runs/{run.pk}/" for run in runs)]
    addresses = [f"/admin/operations/{path}" for path in paths]
    addresses += [
        "/admin/django_q/schedule/",
        f"/admin/django_q/schedule/{schedule.pk}/change/",
        "/admin/",
        "/health/ready",
        "/metrics",
    ]
    answers = {address: boss.get(address).status_code for address in addresses}

    assert {address: code for address, code in answers.items() if code not in {200, 503}} == {}
    unreadable_schedules(timezone.now())
    ensure_schedules(timezone.now())


@pytest.mark.parametrize(
    "intended",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00-12:00",
        "9999-12-31T23:59:59+14:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_tick_at_an_end_of_the_calendar_is_performed_once(intended: str, make_job: Make, boss: Client) -> None:
    make_job()

    for _ in range(2):
        perform_tick("count", intended)

    run = JobRun.objects.get()
    assert run.state == JobRun.State.DONE
    assert boss.get(f"/admin/operations/runs/{run.pk}/").status_code == 200
