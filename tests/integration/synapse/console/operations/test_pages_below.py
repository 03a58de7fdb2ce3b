"""A job's page and a run's page."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from synapse.kit.jobs.models import JobRun
from tests.factories import make_job_run
from tests.integration.synapse.console.operations.conftest import Make

pytestmark = pytest.mark.django_db(databases=["default"])

_JOBS = "/admin/operations/jobs/"
_RUNS = "/admin/operations/runs/"


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_jobs_runs_are_narrowed_to_a_state(operator: Client, make_job: Make) -> None:
    make_job()
    make_job_run(job="count", state=JobRun.State.DONE, result={"summary": "Counted 7."})
    make_job_run(job="count", state=JobRun.State.SKIPPED, error="Still at work.")
    make_job_run(job="another", state=JobRun.State.DONE, result={"summary": "Not mine."})

    everything = shown(operator, f"{_JOBS}count/")
    done = shown(operator, f"{_JOBS}count/?state=done")
    unknown = shown(operator, f"{_JOBS}count/?state=zebra")

    assert ("Counted 7." in everything, "Still at work." in everything, "Not mine." in everything) == (
        True,
        True,
        False,
    )
    assert done.count("Still at work.") == 0
    assert "Still at work." in unknown
    assert "No run of it is in this state." in shown(operator, f"{_JOBS}count/?state=retrying")


def test_jobs_runs_come_fifty_to_a_page(operator: Client, make_job: Make) -> None:
    make_job()
    for minutes in range(51):
        queued = timezone.now() - timedelta(minutes=minutes)
        make_job_run(job="count", state=JobRun.State.DONE, queued_at=queued, result={"summary": f"Run {minutes}."})

    first, second = shown(operator, f"{_JOBS}count/"), shown(operator, f"{_JOBS}count/?page=2")

    assert ("Run 49." in first, "Run 50." in first) == (True, False)
    assert ("Run 49." in second.split("Runs</h2>")[1], "Run 50." in second) == (False, True)
    assert "Page 2 of 2" in second
    assert "Run 50." in shown(operator, f"{_JOBS}count/live/?page=2")


def test_job_that_never_ran_says_what_to_do(operator: Client, make_job: Make) -> None:
    make_job()

    assert "It never ran. Press Run now" in shown(operator, f"{_JOBS}count/")


def test_job_that_is_gone_keeps_its_runs_and_one_that_never_was_is_not_found(operator: Client, make_job: Make) -> None:
    make_job()
    make_job_run(job="long-gone", state=JobRun.State.DONE, result={"summary": "Once."})

    page = shown(operator, f"{_JOBS}long-gone/")

    assert "This job is not part of the program any more." in page
    assert "Once." in page
    assert operator.get(f"{_JOBS}never/").status_code == 404
    assert operator.get(f"{_RUNS}{uuid4()}/").status_code == 404


def test_run_tells_all_that_is_known_of_it(operator: Client, make_job: Make) -> None:
    make_job()
    begun = timezone.now() - timedelta(minutes=5)
    attempt = {"started_at": begun.isoformat(), "ended_at": None, "error": "Its worker died.", "worker": "process 7"}
    run = make_job_run(
        job="count",
        state=JobRun.State.DONE,
        arguments={"source": "week3", "force": True},
        started_at=begun,
        finished_at=begun + timedelta(seconds=75),
        attempts=2,
        host="hive",
        process_id=77,
        result={"summary": "Counted 7.", "rows": {"<b>posts</b>": 7}},
        history=[attempt],
    )

    page = shown(operator, f"{_RUNS}{run.pk}/")

    for words in (
        "Counted 7.",
        "force, source: week3",
        "1 min 15 s",
        "process 77 on hive",
        "Its worker died.",
        "&quot;&lt;b&gt;posts&lt;/b&gt;&quot;: 7",
        run.key,
    ):
        assert words in page
    assert shown(operator, f"{_RUNS}{run.pk}/live/").startswith('<div id="live-root"')
