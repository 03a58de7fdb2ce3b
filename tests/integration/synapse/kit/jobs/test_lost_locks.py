"""A PostgreSQL that goes away under an attempt takes its locks along: the attempt ends, and the run comes again."""

import time
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.job import Result
from synapse.kit.jobs.models import JobEffect, JobRun
from synapse.kit.jobs.performing import perform_tick
from synapse.kit.jobs.run_locks import live_runs
from synapse.kit.jobs.work import Work
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

TICK = "2026-11-23T06:00:00+02:00"

_END_THE_LOCKS = """
    SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND d.datname = current_database() AND l.pid <> pg_backend_pid()
"""


def lose_the_locks(work: Work) -> None:
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(_END_THE_LOCKS)
    while live_runs([work.run_id]):
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["once", "progress"])
def test_attempt_that_lost_its_locks_ends_and_the_run_is_tried_again(make_job: Make, how: str) -> None:
    effects: list[int] = []

    def _count(work: Work) -> Result:
        if work.attempt == 1:
            lose_the_locks(work)
        if how == "progress":
            work.report_progress(1, 2)
        with work.idempotent_step(BUSINESS_CORE) as is_first:
            effects.extend([work.attempt] * is_first)
        return None

    make_job(_count, retry_after=timedelta(0))
    for _ in range(2):
        perform_tick("count", TICK)

    run = JobRun.objects.get()
    assert (run.state, effects, JobEffect.objects.count()) == (JobRun.State.DONE, [2], 1)
    assert [entry["error"] for entry in run.history] == ["PostgreSQL went away while the job was at work."]


def test_progress_goes_on_where_its_connection_was_lost(make_job: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse.kit.jobs.work._PROGRESS_EVERY_SECONDS", 0.0)
    seen: list[int] = []

    def _work(work: Work) -> Result:
        for done in range(4):
            work.report_progress(done, 4)
            progress = JobRun.objects.values_list("progress", flat=True).get() or {}
            seen.append(progress.get("done", -1))
            if done == 1:
                connection = work._progress._connection
                assert connection is not None
                connection.close()
                connection.connect()
                connection.connection.close()
        return None

    make_job(_work)
    perform_tick("count", datetime.isoformat(timezone.now()))

    assert seen == [0, 1, 1, 3]
