"""One run's page: its facts, its failed attempts, its result as text."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from synapse.console.operations.active_run_lines import ActiveLine, active_run_line
from synapse.console.operations.run_lines import RunLine, build_run_line
from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.text.time_formats import format_day_and_time, format_duration
from synapse.foundation.text.visible import visible
from synapse.kit.jobs.models import JobRun


@dataclass(frozen=True, slots=True)
class JobLink:
    """The way to the run's job."""

    title: str
    page: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that failed."""

    number: int
    when: str
    took: str
    error: str
    worker: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run and all that is known of it; `active` is None for one that is over."""

    line: RunLine
    job_link: JobLink
    active: ActiveLine | None
    facts: list[tuple[str, str]]
    attempts: list[Attempt]
    result: str
    traceback: str


def run_facts(key: UUID, now: datetime) -> RunFacts | None:
    """Return what is known of the run, None where there is none."""
    run = JobRun.objects.using(BUSINESS_CORE).filter(pk=key).first()
    if run is None:
        return None
    line = build_run_line(run, now)
    attempts = []
    for number, record in enumerate(run.history, start=1):
        started, ended = _parse_moment(record.get("started_at")), _parse_moment(record.get("ended_at"))
        attempts.append(
            Attempt(
                number=number,
                when=format_day_and_time(started, now) if started else "",
                took=format_duration(ended - started) if started and ended else "",
                error=visible(str(record.get("error") or "")),
                worker=visible(str(record.get("worker") or "")),
            )
        )
    return RunFacts(
        line=line,
        job_link=JobLink(line.title, reverse("operations:job", args=[run.job])),
        active=active_run_line(run, now) if run.state in JobRun.ACTIVE else None,
        facts=_fact_rows(run, line, now),
        attempts=attempts,
        result=_result_text(run.result),
        traceback=visible(run.traceback),
    )


def _fact_rows(run: JobRun, line: RunLine, now: datetime) -> list[tuple[str, str]]:
    settled = f"{format_day_and_time(run.settled_at, now)} by {visible(run.settled_by)}" if run.settled_at else ""
    worker = f"process {run.process_id} on {visible(run.host)}" if run.process_id else ""
    is_tick = run.requested_by == "the schedule"
    how = "by a command, in its own process" if run.by_hand else ("by a schedule" if is_tick else "by a worker")
    found = [
        ("Job", visible(run.job)),
        ("Asked for by", line.asked_by),
        ("Run", how),
        ("With", line.arguments or "no options"),
        ("Was due", format_day_and_time(run.due_at, now) if run.due_at else ""),
        ("Asked for", format_day_and_time(run.queued_at, now)),
        ("Begun", format_day_and_time(run.started_at, now) if run.started_at else "not yet"),
        ("Ended", format_day_and_time(run.finished_at, now) if run.finished_at else "not yet"),
        ("Took", line.took),
        ("Attempts", f"{run.attempts}"),
        ("Performed by", worker),
        ("Put aside", settled),
        ("Key", visible(run.key)),
        ("Id in the log", str(run.pk)),
    ]
    return [(name, value) for name, value in found if value]


def _parse_moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _result_text(result: Any) -> str:
    """Return what the result holds besides its summary, as indented JSON; empty where that is nothing."""
    if not isinstance(result, dict):
        return "" if result is None else visible(json.dumps(result, indent=2, ensure_ascii=False))
    rest = {name: value for name, value in result.items() if name != "summary"}
    return visible(json.dumps(rest, indent=2, ensure_ascii=False)) if rest else ""
