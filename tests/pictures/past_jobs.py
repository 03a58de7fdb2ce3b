"""What the jobs did in the days before the pictures were taken, and the workers that stand ready.

What lives here: invented runs, and a real supervisor with its workers. What does not: what people did (story.py).
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone

from synapse.kit.jobs.cluster_health import read_cluster_health
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import run_job_by_hand
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice
from tests.factories import make_job_run

_CHECKOUT: Final = Path(__file__).parents[2]
_UP_WITHIN: Final = timedelta(seconds=60)
_LOOK_SECONDS: Final = 0.5

# How often each job ran, how many seconds it took at first, and how many more each time.
_ROUTINE: Final = (
    ("sync-legacy", timedelta(minutes=15), 1.1, 0.04),
    ("aggregate-pipeline", timedelta(hours=1), 0.4, 0.0),
    ("judge-predictions", timedelta(hours=1), 0.6, 0.01),
    ("refresh-views", timedelta(hours=4), 0.9, 0.02),
    ("backup", timedelta(days=1), 4.2, 0.1),
    ("validate", timedelta(days=1), 3.1, 0.1),
    ("prune", timedelta(days=1), 0.5, 0.0),
)
_PAST_RUNS: Final = 20
_REASON: Final = (
    "The legacy file week3_business_development.db has been locked by another program for 30 seconds. End that program,"
    " or wait until it is done, then try again."
)


def let_jobs_run(now: datetime) -> None:
    """Write the runs of the last days, then run for real what the pages show the words of."""
    for name, pause, seconds, more in _ROUTINE:
        for number in range(_PAST_RUNS):
            begun = now - pause * (_PAST_RUNS - number)
            took = timedelta(seconds=seconds + more * number + 0.3 * (number % 3))
            make_job_run(
                job=name,
                key=f"{name} {begun.isoformat()}",
                state=JobRun.State.DONE,
                attempts=1,
                requested_by="the schedule",
                queued_at=begun,
                started_at=begun,
                finished_at=begun + took,
            )
    for name in ("refresh-views", "aggregate-pipeline", "judge-predictions", "validate", "remind-overdue"):
        run_job_by_hand(name, requested_by="hedy")
    _give_one_up(now - timedelta(minutes=20))


def _give_one_up(at: datetime) -> None:
    make_job_run(
        job="import-source",
        key="import-source by olu",
        arguments={"source": "week3"},
        state=JobRun.State.GIVEN_UP,
        attempts=3,
        requested_by="olu",
        queued_at=at,
        started_at=at,
        finished_at=at + timedelta(seconds=31),
        error=_REASON,
    )
    raise_notice(
        Kind.JOB_GIVEN_UP,
        key="import-source source=week3",
        title="Import a legacy source: this needs a person",
        text=_REASON,
        link="/admin/operations/",
        permission="job_base.run_job",
    )


@contextmanager
def workers() -> Iterator[None]:
    """Keep a supervisor and its workers beside the pictures, and wait until they take jobs."""
    command = [sys.executable, "manage.py", "supervise_jobs"]
    supervisor = subprocess.Popen(command, cwd=_CHECKOUT, stdout=subprocess.DEVNULL)
    try:
        deadline = timezone.now() + _UP_WITHIN
        while not any(standing.is_up for standing in read_cluster_health(timezone.now())):
            time.sleep(_LOOK_SECONDS)
            if timezone.now() > deadline:
                raise SystemExit("The workers do not come up; `manage.py supervise_jobs` says why.")
        yield
    finally:
        supervisor.terminate()
        supervisor.wait()
