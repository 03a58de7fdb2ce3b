"""The trial jobs. What they do is a row of the table trial_effect, which tests/faults/jobs/supervised.py makes."""

import os
import signal
import time
from datetime import timedelta
from typing import Any

from django.db import connections

from synapse.databases import BUSINESS_CORE
from synapse.job_base.job import Job, Option
from synapse.job_base.registry import register
from synapse.job_base.work import Work


def _leave_effect(work: Work) -> dict[str, Any]:
    with work.once(BUSINESS_CORE) as is_first, connections[BUSINESS_CORE].cursor() as cursor:
        if is_first:
            cursor.execute("INSERT INTO trial_effect (job_key, process_id) VALUES (%s, %s)", [work.key, os.getpid()])
    return {"summary": f"attempt {work.attempt}"}


def _take_time(work: Work) -> dict[str, Any]:
    """Sleep in its first attempt, or in all where asked so, so that a test can strike meanwhile."""
    if work.attempt == 1 or work.arguments.get("always"):
        time.sleep(float(work.arguments.get("seconds", 0)))
    return _leave_effect(work)


def _kill_the_worker(work: Work) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_LIMIT = timedelta(minutes=5)
_SOON = timedelta(seconds=2)
_SECONDS = (
    Option("seconds", "how long it takes"),
    Option("always", "in later attempts too"),
    Option("mark", "any text"),
)

QUICK = register(Job("trial-quick", "Quick", _leave_effect, _LIMIT, retry_after=_SOON, options=_SECONDS))
LONG = register(Job("trial-long", "Long", _take_time, _LIMIT, retry_after=_SOON, options=_SECONDS))
KILLER = register(Job("trial-killer", "Killer", _kill_the_worker, _LIMIT, retry_after=_SOON))
