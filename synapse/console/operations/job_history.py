"""One job's page: its line, and its runs a page at a time. The words are job_lines' and run_words'."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Page, Paginator

from synapse.console.operations import run_queries as reading
from synapse.console.operations.job_lines import JobLine, job_line
from synapse.console.operations.run_lines import RunLine, build_run_line, job_title
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.models import JobPause, JobRun
from synapse.kit.jobs.registry import get_job
from synapse.kit.jobs.schedules import find_job_schedule

_RUNS_PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class StateTab:
    """A state the list can be narrowed to; an empty value is all."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class JobHistory:
    """A job and some of its runs; `line` is None for a job that is registered no more."""

    title: str
    name: str
    line: JobLine | None
    runs: list[RunLine]
    page: "Page[JobRun]"
    state: str
    tabs: list[StateTab]


def job_history(name: str, *, state: str, page: str, now: datetime) -> JobHistory | None:
    """Return a job's page, narrowed to a state; an unknown state means all of them.

    None where there is neither such a job nor a run of one: runs outlive a job that an upgrade took away.
    """
    of_job = reading.runs_without_long_columns().filter(job=name)
    line: JobLine | None = None
    with suppress(UnknownJobError):
        job = get_job(name)
        last: Any = of_job.order_by("-queued_at")[: reading.LAST_RUNS]
        pause = JobPause.objects.using(BUSINESS_CORE).filter(job=name).first()
        line = job_line(job, runs=list(last), schedule=find_job_schedule(job), pause=pause, now=now)
    if line is None and not of_job.exists():
        return None
    chosen = state if state in JobRun.State.values else ""
    runs = (of_job.filter(state=chosen) if chosen else of_job).order_by("-queued_at")
    shown = Paginator(runs, _RUNS_PER_PAGE).get_page(page)
    tabs = [
        StateTab("", "all", not chosen),
        *(StateTab(one.value, str(one.label), one == chosen) for one in JobRun.State),
    ]
    return JobHistory(job_title(name), name, line, [build_run_line(run, now) for run in shown], shown, chosen, tabs)
