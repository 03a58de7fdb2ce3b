"""How an attempt's result is kept, and what becomes of one that can't be: no run stays at work for that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.cluster.requeueing import requeue_dead_runs
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick
from tests.integration.synapse.kit.jobs.cluster.rows import make_cluster, make_run, worker_entry
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

TICK = "2026-11-23T06:00:00+02:00"
State = JobRun.State


def _returning(result: Any) -> Callable[..., Any]:
    return lambda _: result


def test_result_with_text_that_cannot_be_stored_is_cleaned(make_job: Make) -> None:
    make_job(_returning({"summary": "a\0b", "rows": [{"\ud800": 1.5, "n": None}]}))

    perform_tick("count", TICK)

    run = JobRun.objects.get()
    assert run.state == State.DONE
    assert run.result == {"summary": "a\\x00b", "rows": [{"\\ud800": 1.5, "n": None}]}


@pytest.mark.parametrize("result", [{"at": datetime(2026, 11, 23, tzinfo=UTC)}, {"n": float("nan")}, ["no mapping"]])
def test_result_that_is_no_json_is_a_failure(make_job: Make, result: Any) -> None:
    make_job(_returning(result))

    assert perform_tick("count", TICK).startswith("count failed: What the job returned can't be kept: ")

    assert JobRun.objects.get().state == State.RETRYING


def test_end_that_the_database_refuses_is_a_failure(make_job: Make) -> None:
    make_job(_returning({"summary": "Counted."}))
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute("ALTER TABLE job_run ADD CHECK (state <> 'done')")

    assert perform_tick("count", TICK).startswith("count failed: How it ended can't be written down: ")

    run = JobRun.objects.get()
    assert (run.state, run.result) == (State.RETRYING, None)


@pytest.mark.parametrize(
    ("entry", "is_lost"),
    [
        ({"state": "idle", "since": 5}, True),
        ({"state": "idle", "since": -5}, False),  # from before it took the run up
        ({"state": "busy", "doing": "delta-oscar", "since": 1}, False),
        ({"state": "busy", "doing": "another task", "since": 90}, True),
    ],
)
def test_run_that_its_living_worker_has_left_is_lost(make_job: Make, entry: dict[str, Any], *, is_lost: bool) -> None:
    began = timezone.now()
    run = make_run(make_job(), started_at=began)
    since = (began + timedelta(seconds=entry["since"])).isoformat()
    make_cluster(workers=[worker_entry(**{**entry, "pid": run.process_id, "since": since})])

    assert (requeue_dead_runs(began + timedelta(minutes=2)) == [run.pk]) is is_lost


def test_run_its_worker_is_busy_with_is_not_lost(make_job: Make) -> None:
    began = timezone.now()
    run = make_run(make_job(), started_at=began)
    seen_late = (began + timedelta(minutes=2)).isoformat()
    make_cluster(workers=[worker_entry("busy", pid=run.process_id, doing=f"count {run.pk}", since=seen_late)])

    assert requeue_dead_runs(began + timedelta(minutes=3)) == []
