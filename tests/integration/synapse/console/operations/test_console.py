"""The operator's one place: what it says, and to whom."""

import socket
from datetime import timedelta
from typing import Any

import psutil
import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.job import Option
from synapse.kit.jobs.models import JobRun, WorkerCluster
from synapse.kit.jobs.queueing import pause_job
from synapse.kit.jobs.schedules import ensure_schedules
from tests.factories import make_job_run
from tests.integration.synapse.console.operations.conftest import Make
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=ALIASES)

_CONSOLE = "/admin/operations/"


def shown(client: Client, path: str = _CONSOLE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def make_cluster(*states: str, **columns: Any) -> WorkerCluster:
    now, process = timezone.now(), psutil.Process()
    workers = [{"pid": 100 + number, "since": now.isoformat(), "state": state} for number, state in enumerate(states)]
    row = {
        "host": socket.gethostname(),
        "process_id": process.pid,
        "started_at": now,
        "cluster_process_id": process.pid,
        "seen_at": now,
        "answered_at": now + timedelta(seconds=1),
        "workers": workers,
    }
    return WorkerCluster.objects.create(**row | columns)


def test_all_is_well_is_said_where_it_is(operator: Client, make_job: Make) -> None:
    make_job(cron="*/15 * * * *")
    ensure_schedules(timezone.now())
    make_cluster("idle", "busy")

    page = shown(operator)

    assert "All is well." in page
    assert "2 worker processes up, nothing needs a person. Each of 1 scheduled jobs is on time." in page
    assert "every 15 minutes" in page


def test_empty_site_says_how_to_start_a_worker(operator: Client, make_job: Make) -> None:
    make_job()

    page = shown(operator)

    assert "No worker has ever started, so no job runs." in page
    assert "manage.py supervise_jobs" in page
    assert "never ran" in page
    assert "only when somebody asks" in page
    assert "Nothing is running and nothing waits." in page


def test_killed_worker_process_stands_there_as_down(operator: Client, make_job: Make) -> None:
    make_job()
    make_cluster("idle", "killed")

    page = shown(operator)

    assert "process 101: down (killed)" in page
    assert "process 100: idle" in page


def test_supervisor_that_is_gone_is_the_headline(operator: Client, make_job: Make) -> None:
    make_job()
    make_cluster("idle", seen_at=timezone.now() - timedelta(minutes=3))

    page = shown(operator)

    assert "One thing needs somebody." in page
    assert "has not been seen for" in page
    assert "No job runs meanwhile." in page


def test_given_up_run_shows_its_reason_its_traceback_and_its_verbs(operator: Client, make_job: Make) -> None:
    make_job()
    hostile = "<script>alert(1)</script>\u202e"
    run = make_job_run(job="count", state=JobRun.State.GIVEN_UP, error=hostile, traceback=f"at {hostile}", attempts=3)

    page = shown(operator)

    assert "One run was given up." in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩") >= 2
    assert "<script>alert" not in page
    assert f"runs/{run.pk}/retry/" in page
    assert f"runs/{run.pk}/settle/" in page


def test_who_only_looks_is_offered_no_verb_and_no_page_that_is_closed(client: Client, make_job: Make) -> None:
    make_job()
    make_job_run(job="count", state=JobRun.State.GIVEN_UP)
    client.force_login(clerk("view_jobrun"))

    page = shown(client)

    assert "/retry/" not in page
    assert "/run/" not in page
    assert "/admin/django_q/" not in page
    assert "The consolidation" not in page


def test_run_at_work_shows_how_far_it_is(operator: Client, make_job: Make) -> None:
    make_job()
    progress = {"done": 3, "total": 13, "words": "week3"}
    begun = timezone.now() - timedelta(seconds=30)
    make_job_run(job="count", state=JobRun.State.RUNNING, started_at=begun, attempts=1, progress=progress)

    lost = shown(operator)
    assert "Its worker is gone." in lost
    assert lost.count("It is taken up again as soon as a worker is started;") == 2
    make_cluster("idle")
    assert shown(operator).count("It is taken up again by itself, mostly within a minute;") == 2

    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('synapse job run ' || %s, 0))",
            [str(JobRun.objects.get().pk)],
        )
    JobRun.objects.update(started_at=timezone.now() - timedelta(seconds=30))
    alive = shown(operator)
    assert 'max="13" value="3"' in alive
    assert "3 of 13 (23 %) · week3 · about 1 min 40 s left" in alive
    assert "Its worker is gone." not in alive


def test_run_whose_lock_alone_is_gone_is_not_lost(operator: Client, make_job: Make) -> None:
    make_job()
    process = {"host": socket.gethostname(), "process_id": psutil.Process().pid}
    make_job_run(job="count", state=JobRun.State.RUNNING, started_at=timezone.now(), attempts=1, **process)

    page = shown(operator)

    assert "Its worker is gone." not in page
    assert "A run lost its worker." not in page
    assert "attempt 1; asked for by" in page


def test_what_only_waits_stands_apart_from_what_needs_somebody(operator: Client, make_job: Make) -> None:
    make_job()
    make_cluster("idle", "killed", answered_at=timezone.now() + timedelta(minutes=1))
    make_job_run(job="count", state=JobRun.State.GIVEN_UP)

    bad, apart, known = shown(operator).partition("Worth knowing</h3>")

    assert "One thing needs somebody." in bad
    assert apart
    assert "One run was given up." in bad
    assert "was killed and replaced" not in bad
    assert "was killed and replaced" in known


@pytest.mark.parametrize(
    "progress", [None, [], {"done": "x", "total": None}, {"done": 9, "total": 3}, {"done": -1, "total": 2}]
)
def test_odd_progress_breaks_no_page(operator: Client, make_job: Make, progress: Any) -> None:
    make_job()
    make_job_run(job="count", state=JobRun.State.RUNNING, started_at=timezone.now(), progress=progress)

    assert "Running now" in shown(operator)


def test_paused_job_says_by_whom_and_why(operator: Client, make_job: Make) -> None:
    make_job(cron="0 3 * * *")
    ensure_schedules(timezone.now())
    pause_job("count", by="Bob", reason="A new index")

    page = shown(operator)

    assert "by Bob, today" in page
    assert ": A new index" in page
    assert "Count something is paused." in page
    assert "/jobs/count/resume/" in page


def test_job_that_should_have_run_is_told(operator: Client, make_job: Make) -> None:
    make_job(cron="0 3 * * *")
    make_cluster("idle")
    ensure_schedules(timezone.now())
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=3))

    page = shown(operator)

    assert "Count something should have run by now." in page
    assert "overdue for 3 h" in page


BROKEN: dict[str, dict[str, Any]] = {
    "args": {"args": "(broken"},
    "kwargs": {"kwargs": "1"},
    "cron": {"schedule_type": Schedule.CRON, "cron": "x"},
    "no cron": {"schedule_type": Schedule.CRON, "cron": None},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_schedule_that_stops_all_others_is_named(boss: Client, make_job: Make, broken: dict[str, Any]) -> None:
    make_job(cron="0 3 * * *")
    ensure_schedules(timezone.now())
    due = timezone.now() - timedelta(minutes=1)
    columns = {"schedule_type": Schedule.DAILY, "func": "os.getpid", "next_run": due}
    bad, good = Schedule(**columns | broken | {"name": "Odd"}), Schedule(name="Even", kwargs="a=1", **columns)
    Schedule.objects.bulk_create([bad, good])
    ensure_schedules(timezone.now())

    page = shown(boss)

    assert "The schedule Odd can&#x27;t be read and stops all others." in page
    assert f"/admin/django_q/schedule/{bad.pk}/change/" in page
    assert "The schedule Even" not in page


def test_options_of_a_job_can_be_chosen(operator: Client, make_job: Make) -> None:
    needed = Option("target", "the target", ("x", "y"), required=True)
    make_job(options=(Option("source", "the source", ("a", "b")), needed, Option("force", "even so")))

    page = shown(operator)

    assert 'name="option-source"><option value="">(not said)</option>' in page
    assert 'name="option-target" required><option value="">(choose one)</option>' in page
    assert "<option>b</option>" in page
    assert 'name="option-force" value="yes"' in page


def test_operator_of_the_import_sees_how_the_sources_stand(client: Client, make_job: Make) -> None:
    make_job()
    client.force_login(clerk("view_jobrun", "view_importrun", "run_import"))

    page = shown(client)

    assert "13 sources: 13 pending." in page
    assert "This database was never dumped" in page


def test_living_part_is_the_page_without_its_frame(operator: Client, make_job: Make) -> None:
    make_job()

    part = shown(operator, f"{_CONSOLE}live/")

    assert part.startswith('<div id="live-root"')
    assert "<html" not in part
