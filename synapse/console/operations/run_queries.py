"""The queries for runs, pauses and schedules; none of them costs more where there are more runs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet
from django_q.conf import Conf
from django_q.models import Schedule

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.messages import TICK_NAMES
from synapse.kit.jobs.models import JobPause, JobRun
from synapse.kit.jobs.registry import all_jobs

LAST_RUNS: Final = 20
MAX_ACTIVE: Final = 50
MAX_GIVEN_UP: Final = 25
_SETTLED_SHOWN_FOR: Final = timedelta(days=7)
_MAX_SETTLED: Final = 5
_LONG_COLUMNS: Final = ("traceback", "history")
"""Long columns, which only a run's own page shows."""

_State = JobRun.State


def runs_without_long_columns() -> QuerySet[JobRun]:
    """Return all runs, without what only a run's own page shows."""
    return JobRun.objects.using(BUSINESS_CORE).defer(*_LONG_COLUMNS)


def last_runs_by_job() -> Mapping[str, Sequence[JobRun]]:
    """Return the latest runs of each registered job by its name, the newest first; one query for all jobs."""
    found: defaultdict[str, list[JobRun]] = defaultdict(list)
    each = [runs_without_long_columns().filter(job=job.name).order_by("-queued_at")[:LAST_RUNS] for job in all_jobs()]
    if not each:
        return {}
    # One UNION ALL of indexed LIMITs: a window function over all runs would read every run that is kept.
    every: Any = each[0].union(*each[1:], all=True) if len(each) > 1 else each[0]
    for run in sorted(every, key=lambda run: run.queued_at, reverse=True):
        found[run.job].append(run)
    return found


def active_runs() -> Sequence[JobRun]:
    """Return the runs at work, then those that wait to be tried again, then those that wait for a worker."""
    order = {_State.RUNNING: 0, _State.RETRYING: 1, _State.QUEUED: 2}
    found = runs_without_long_columns().filter(state__in=JobRun.ACTIVE).order_by("queued_at")[:MAX_ACTIVE]
    return sorted(found, key=lambda run: (order[_State(run.state)], run.queued_at))


def given_up_runs() -> Sequence[JobRun]:
    """Return the runs that wait for a person, the newest first, with their tracebacks."""
    given_up = JobRun.objects.using(BUSINESS_CORE).filter(state=_State.GIVEN_UP)
    return list(given_up.order_by("-finished_at")[:MAX_GIVEN_UP])


def recently_dismissed_runs(now: datetime) -> Sequence[JobRun]:
    """Return the runs that were put aside in the last days and that a person may take back."""
    settled = runs_without_long_columns().filter(
        state=_State.SETTLED, by_hand=False, settled_at__gte=now - _SETTLED_SHOWN_FOR
    )
    return list(settled.order_by("-settled_at")[:_MAX_SETTLED])


def count_backlog() -> tuple[int, int, datetime | None]:
    """Return how many runs wait for a worker, how many need a person, and since when the oldest waits."""
    counted = JobRun.objects.using(BUSINESS_CORE).filter(state__in=[_State.QUEUED, _State.GIVEN_UP])
    found = counted.aggregate(
        waiting=Count("pk", filter=Q(state=_State.QUEUED)),
        needing=Count("pk", filter=Q(state=_State.GIVEN_UP)),
        since=Min("queued_at", filter=Q(state=_State.QUEUED)),
    )
    return found["waiting"], found["needing"], found["since"]


def pauses_by_job() -> Mapping[str, JobPause]:
    """Return the pauses there are, by job."""
    return {pause.job: pause for pause in JobPause.objects.using(BUSINESS_CORE).all()}


def schedules_by_job() -> Mapping[str, Schedule]:
    """Return each scheduled job's next schedule, by the job's name."""
    found: dict[str, Schedule] = {}
    names = {repr((job.name,)): job.name for job in all_jobs()}
    ticks = Schedule.objects.using(Conf.ORM).filter(func__in=TICK_NAMES, args__in=names)
    # django-q keeps a schedule's arguments as text: a job's is found by how its name is written there.
    for schedule in ticks.order_by("next_run"):
        found.setdefault(names[schedule.args or ""], schedule)
    return found
