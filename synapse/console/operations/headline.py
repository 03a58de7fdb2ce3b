"""The headline of the operator's page: all is well, or what is wrong, each finding with what to do about it.

It is judged from what the page shows anyway (page_content) and reads nothing. Findings about an app's data come with
that app's panel (synapse.kit.panels.operations).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from synapse.console.operations.active_run_lines import ActiveLine
from synapse.console.operations.job_lines import JobLine
from synapse.console.operations.worker_lines import ClusterLine
from synapse.foundation.text.time_formats import format_duration
from synapse.kit.jobs.cluster_health import ClusterState
from synapse.kit.notices.outbox import Undelivered
from synapse.kit.panels.operations import Finding

_MAX_WAIT: Final = timedelta(minutes=5)
"""A run that waits longer for a worker is a finding; schedules are looked at every 30 s."""
_MAX_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Headline:
    """The page in a sentence, and the findings behind it; `more` is said where there are none.

    `needs` are the things that the sentence counts, `notes` what is only worth knowing.
    """

    sentence: str
    tone: str
    sign: str
    needs: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    more: str


@dataclass(frozen=True, slots=True)
class BrokenSchedule:
    """A schedule that can't be read; `page` is empty where this person may not open it."""

    name: str
    page: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the headline is judged from; `waiting_since` is None where no run waits for a worker."""

    clusters: Sequence[ClusterLine]
    given_up_count: int
    waiting_since: datetime | None
    active: Sequence[ActiveLine]
    jobs: Sequence[JobLine]
    broken_schedules: Sequence[BrokenSchedule]
    panel_findings: Sequence[Finding]
    mails: Undelivered


def build_headline(facts: Facts, now: datetime) -> Headline:
    """Return the headline: what needs somebody apart from what is only worth knowing."""
    # The order is the page's: what stops all work comes first.
    found = [
        *_worker_findings(facts.clusters),
        *_run_findings(facts, now),
        *_job_findings(facts),
        *facts.panel_findings,
    ]
    if facts.mails:
        fix = "See that the mail server is up and EMAIL_URL is right; the notices themselves are all here."
        found.append(Finding(facts.mails.sentence, fix, reverse("notices:list"), "All notices", is_bad=False))
    needs, notes = tuple(one for one in found if one.is_bad), tuple(one for one in found if not one.is_bad)
    if needs:
        counted = "One thing needs" if len(needs) == 1 else f"{len(needs)} things need"
        return Headline(f"{counted} somebody.", "bad", "✕", needs, notes, "")
    if notes:
        return Headline("It runs; worth knowing:", "warn", "!", (), notes, "")
    processes = sum(worker.tone != "bad" for cluster in facts.clusters for worker in cluster.workers)
    words = f"{processes} worker process{'' if processes == 1 else 'es'} up, nothing needs a person."
    if planned := [line for line in facts.jobs if line.next_run]:
        words += f" Each of {len(planned)} scheduled jobs is on time."
    return Headline("All is well.", "good", "✓", (), (), words)


def _worker_findings(clusters: Sequence[ClusterLine]) -> Iterator[Finding]:
    look = ("#workers", "Look at the workers")
    start = "Start one: make run does, or manage.py supervise_jobs."
    if not clusters:
        yield Finding("No worker has ever started, so no job runs.", start, *look)
        return
    one_is_up = any(cluster.state is ClusterState.UP for cluster in clusters)
    for cluster in clusters:
        if cluster.state is ClusterState.STARTING:
            yield Finding(
                f"The workers of {cluster.name} are starting.", "Jobs go on in a moment.", *look, is_bad=False
            )
        elif cluster.state is not ClusterState.UP:
            others = "Other workers go on." if one_is_up else "No job runs meanwhile."
            fix = "Its supervisor restarts them." if cluster.state is ClusterState.NOT_ANSWERING else start
            words = f"The workers of {cluster.name} are {cluster.state.value}: {cluster.sentence}"
            yield Finding(words, f"{others} {fix}", *look)
        elif any(worker.tone == "bad" for worker in cluster.workers):
            words = f"A worker process of {cluster.name} was killed and replaced."
            yield Finding(words, "What it was at is done again by itself.", *look, is_bad=False)


def _run_findings(facts: Facts, now: datetime) -> Iterator[Finding]:
    if facts.given_up_count:
        runs = "One run was given up." if facts.given_up_count == 1 else f"{facts.given_up_count:,} runs were given up."
        fix = "Read why, mend it, then retry or put it aside."
        yield Finding(runs, fix, "#needs-person", "What needs a person")
    lost = next((line.lost for line in facts.active if line.lost), "")
    if lost:
        yield Finding("A run lost its worker.", lost, "#running", "What is running", is_bad=False)
    if facts.waiting_since and now - facts.waiting_since > _MAX_WAIT:
        waited = format_duration(now - facts.waiting_since)
        fix = "See that the workers are up; more of them take more at once (JOB_WORKERS)."
        yield Finding(f"A run has waited {waited} for a worker.", fix, "#running", "What waits")


def _job_findings(facts: Facts) -> Iterator[Finding]:
    for schedule in facts.broken_schedules[:_MAX_NAMED]:
        words = f"The schedule {schedule.name} can't be read and stops all others."
        yield Finding(words, "Delete it, or write its time anew where it is a job's.", schedule.page, "Look at it")
    overdue = [line for line in facts.jobs if line.overdue]
    if overdue:
        words = f"{_job_titles(overdue)} should have run by now."
        yield Finding(words, "Workers start what is due: see that one is up.", "#jobs", "Look at the jobs")
    paused = [line for line in facts.jobs if line.pause]
    if paused:
        words = f"{_job_titles(paused)} {'is' if len(paused) == 1 else 'are'} paused."
        yield Finding(
            words, "By the clock nothing of it runs until it is resumed.", "#jobs", "Look at the jobs", is_bad=False
        )


def _job_titles(lines: Sequence[JobLine]) -> str:
    titles = [line.job.title for line in lines[:_MAX_NAMED]]
    more = f" and {len(lines) - _MAX_NAMED} more" if len(lines) > _MAX_NAMED else ""
    return f"{', '.join(titles)}{more}"
