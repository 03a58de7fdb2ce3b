"""A job as the pages show it: when it runs, how its last run went, how long its runs take, whether it is paused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse
from django_q.models import Schedule

from synapse.console.operations import run_queries as reading
from synapse.console.operations.run_lines import RunLine, build_run_line
from synapse.console.operations.trend import Trend, duration_trend
from synapse.foundation.text.time_formats import format_age, format_day_and_time, format_time_until
from synapse.foundation.text.visible import visible
from synapse.kit.jobs.cron_descriptions import describe_schedule
from synapse.kit.jobs.job import Job
from synapse.kit.jobs.models import JobPause, JobRun
from synapse.kit.jobs.registry import all_jobs

_OVERDUE_AFTER: Final = timedelta(minutes=5)
"""Schedules are looked at every 30 s: a job that is later than this will not start by itself."""

_WITHOUT_OUTCOME: Final = (*JobRun.ACTIVE, JobRun.State.SKIPPED)


@dataclass(frozen=True, slots=True)
class PauseLine:
    """Who paused a job, since when, and why."""

    by: str
    since: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the pages show it.

    `next_run` is empty where nothing is planned; `overdue` says since when it should have run. `last` is its newest run
    that came to an end, `active` the one that is still to be done; None where there is none.
    """

    job: Job
    page: str
    schedule: str
    schedule_page: str
    next_run: str
    next_in: str
    overdue: str
    pause: PauseLine | None
    last: RunLine | None
    active: RunLine | None
    trend: Trend | None

    @property
    def name(self) -> str:
        """The job's name, which is its place in an address too."""
        return self.job.name


def job_lines(now: datetime) -> list[JobLine]:
    """Return every registered job, those with a schedule first; three queries, however many jobs there are."""
    runs, schedules, pauses = reading.last_runs_by_job(), reading.schedules_by_job(), reading.pauses_by_job()
    jobs = sorted(all_jobs(), key=lambda job: (job.name not in schedules, job.title))
    return [
        job_line(
            job, runs=runs.get(job.name, ()), schedule=schedules.get(job.name), pause=pauses.get(job.name), now=now
        )
        for job in jobs
    ]


def job_line(
    job: Job, *, runs: Sequence[JobRun], schedule: Schedule | None, pause: JobPause | None, now: datetime
) -> JobLine:
    """Return one job; `runs` are its latest, the newest first."""
    active = next((run for run in reversed(runs) if run.state in JobRun.ACTIVE), None)
    last = next((run for run in runs if run.state not in _WITHOUT_OUTCOME), None)
    planned = None if pause or schedule is None or not schedule.repeats else schedule.next_run
    is_late = planned is not None and planned < now - _OVERDUE_AFTER
    return JobLine(
        job=job,
        page=reverse("operations:job", args=[job.name]),
        schedule=visible(describe_schedule(schedule)) if schedule else "only when somebody asks",
        schedule_page=reverse("admin:django_q_schedule_change", args=[schedule.pk]) if schedule else "",
        next_run=format_day_and_time(planned, now) if planned else "",
        next_in=format_time_until(planned, now) if planned else "",
        overdue=format_age(planned, now).removesuffix(" ago") if planned and is_late else "",
        pause=PauseLine(visible(pause.paused_by), format_day_and_time(pause.paused_at, now), visible(pause.reason))
        if pause
        else None,
        last=build_run_line(last, now) if last else None,
        active=build_run_line(active, now) if active else None,
        trend=duration_trend(runs),
    )
