"""The trial jobs. What they do is a row of the table trial_effect, which tests/faults/jobs/supervised.py makes."""

import os
import signal
import time
from datetime import timedelta
from typing import Any

from django.db import connections

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.job import Job, Option
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work
from tests.faults.jobs.trial.stages import AFTER, BEGUN, INSIDE, reach, set_stops


def _leave_effect(work: Work) -> dict[str, Any]:
    _leave_effect_in(BUSINESS_CORE, work)
    return {"summary": f"attempt {work.attempt}"}


def _leave_effect_in(alias: str, work: Work) -> None:
    with work.idempotent_step(alias) as is_first, connections[alias].cursor() as cursor:
        if is_first:
            cursor.execute("INSERT INTO trial_effect (job_key, process_id) VALUES (%s, %s)", [work.key, os.getpid()])
        reach(INSIDE[alias], work.arguments)


def _leave_three_effects(work: Work) -> dict[str, Any]:
    """Leave one in each database, and be stopped on the way where a test asked for it."""
    reach(BEGUN, work.arguments)
    for alias in ALIASES:
        time.sleep(float(work.arguments.get("seconds", 0)))
        _leave_effect_in(alias, work)
        reach(AFTER[alias], work.arguments)
    return {"summary": f"attempt {work.attempt}"}


def _fail_twice(work: Work) -> dict[str, Any]:
    """Fail within the transaction of the effect, so that it must not stay."""
    with work.idempotent_step(BUSINESS_CORE) as is_first, connections[BUSINESS_CORE].cursor() as cursor:
        if is_first:
            cursor.execute("INSERT INTO trial_effect (job_key, process_id) VALUES (%s, %s)", [work.key, os.getpid()])
        if work.attempt <= 2:
            raise RuntimeError("This attempt fails.")
    return _leave_three_effects(work)


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
    Option("stop_at", "a stage"),
)

QUICK = register_job(Job("trial-quick", "Quick", _leave_effect, _LIMIT, retry_after=_SOON, options=_SECONDS))
LONG = register_job(Job("trial-long", "Long", _take_time, _LIMIT, retry_after=_SOON, options=_SECONDS))
KILLER = register_job(Job("trial-killer", "Killer", _kill_the_worker, _LIMIT, retry_after=_SOON))
THRICE = register_job(Job("trial-thrice", "Thrice", _leave_three_effects, _LIMIT, retry_after=_SOON, options=_SECONDS))
STUBBORN = register_job(
    Job("trial-stubborn", "Stubborn", _leave_three_effects, _LIMIT, retry_after=_SOON, options=_SECONDS, attempts=50)
)
FAILING = register_job(Job("trial-failing", "Failing", _fail_twice, _LIMIT, retry_after=_SOON, options=_SECONDS))

set_stops()
