"""Whether all is well, in one sentence; else what is wrong, each with what to do about it.

What lives here: the judgement, from what the page shows anyway. What does not: any reading.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from legacy_import.admin.operations_panel import Consolidation
from synapse.console.operations.active_lines import ActiveLine
from synapse.console.operations.job_lines import JobLine
from synapse.console.operations.worker_lines import ClusterLine
from synapse.foundation.text.time_words import took_words
from synapse.kit.jobs.cluster_health import ClusterState
from synapse.kit.notices.outbox import Undelivered

_LONG_WAIT: Final = timedelta(minutes=5)
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what, what to do, and where; `is_bad` where it can't wait."""

    sentence: str
    fix: str
    link: str = ""
    link_words: str = ""
    is_bad: bool = True


@dataclass(frozen=True, slots=True)
class Headline:
    """The page in a sentence, and what stands behind it; `more` is said where nothing is to be found.

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
    """What the headline is judged from."""

    clusters: Sequence[ClusterLine]
    needing: int
    waiting_since: datetime | None
    active: Sequence[ActiveLine]
    jobs: Sequence[JobLine]
    broken: Sequence[BrokenSchedule]
    consolidation: Consolidation | None
    mails: Undelivered


def headline(facts: Facts, now: datetime) -> Headline:
    """Return the headline: what needs somebody apart from what is only worth knowing."""
    found = [*_of_workers(facts.clusters), *_of_runs(facts, now), *_of_schedules(facts.broken), *_of_jobs(facts.jobs)]
    found += [*_of_data(facts.consolidation), *_of_mails(facts.mails)]
    needs, notes = tuple(one for one in found if one.is_bad), tuple(one for one in found if not one.is_bad)
    if needs:
        return Headline(f"{_counted(len(needs))} somebody.", "bad", "✕", needs, notes, "")
    if notes:
        return Headline("It runs; worth knowing:", "warn", "!", (), notes, "")
    return Headline("All is well.", "good", "✓", (), (), _good_words(facts))


def _counted(bad: int) -> str:
    return "One thing needs" if bad == 1 else f"{bad} things need"


def _of_workers(clusters: Sequence[ClusterLine]) -> Iterator[Finding]:
    look = ("#workers", "Look at the workers")
    start = "Start one: make run does, or manage.py supervise_jobs."
    if not clusters:
        yield Finding("No worker has ever started, so no job runs.", start, *look)
        return
    someone_is_up = any(cluster.state is ClusterState.UP for cluster in clusters)
    for cluster in clusters:
        if cluster.state is ClusterState.STARTING:
            yield Finding(
                f"The workers of {cluster.name} are starting.", "Jobs go on in a moment.", *look, is_bad=False
            )
        elif cluster.state is not ClusterState.UP:
            others = "Other workers go on." if someone_is_up else "No job runs meanwhile."
            fix = "Its supervisor restarts them." if cluster.state is ClusterState.NOT_ANSWERING else start
            words = f"The workers of {cluster.name} are {cluster.state.value}: {cluster.sentence}"
            yield Finding(words, f"{others} {fix}", *look)
        elif any(worker.tone == "bad" for worker in cluster.workers):
            words = f"A worker process of {cluster.name} was killed and replaced."
            yield Finding(words, "What it was at is done again by itself.", *look, is_bad=False)


def _of_runs(facts: Facts, now: datetime) -> Iterator[Finding]:
    if facts.needing:
        runs = "One run was given up." if facts.needing == 1 else f"{facts.needing:,} runs were given up."
        fix = "Read why, mend it, then retry or put it aside."
        yield Finding(runs, fix, "#needs-person", "What needs a person")
    lost = next((line.lost for line in facts.active if line.lost), "")
    if lost:
        yield Finding("A run lost its worker.", lost, "#running", "What is running", is_bad=False)
    if facts.waiting_since and now - facts.waiting_since > _LONG_WAIT:
        waited = took_words(now - facts.waiting_since)
        fix = "See that the workers are up; more of them take more at once (JOB_WORKERS)."
        yield Finding(f"A run has waited {waited} for a worker.", fix, "#running", "What waits")


def _of_schedules(broken: Sequence[BrokenSchedule]) -> Iterator[Finding]:
    for one in broken[:_NAMED]:
        words = f"The schedule {one.name} can't be read and stops all others."
        yield Finding(words, "Delete it, or write its time anew where it is a job's.", one.page, "Look at it")


def _of_jobs(jobs: Sequence[JobLine]) -> Iterator[Finding]:
    overdue = [line for line in jobs if line.overdue]
    if overdue:
        words = f"{_named(overdue)} should have run by now."
        yield Finding(words, "Workers start what is due: see that one is up.", "#jobs", "Look at the jobs")
    paused = [line for line in jobs if line.pause]
    if paused:
        words = f"{_named(paused)} {'is' if len(paused) == 1 else 'are'} paused."
        yield Finding(
            words, "By the clock nothing of it runs until it is resumed.", "#jobs", "Look at the jobs", is_bad=False
        )


def _of_data(standing: Consolidation | None) -> Iterator[Finding]:
    if standing is None:
        return
    troubled = standing.troubled
    if troubled:
        names = ", ".join(line.state.source for line in troubled[:_NAMED])
        more = f" and {len(troubled) - _NAMED} more" if len(troubled) > _NAMED else ""
        yield Finding(
            f"Not as it should be, of the sources: {names}{more}.",
            "Each says below what to do.",
            "#consolidation",
            "Look at the sources",
        )
    elif standing.validation and not standing.validation.passed:
        words = f"The last validation failed: {standing.validation.words}."
        yield Finding(words, "Read what differs.", standing.validation.page or "#consolidation", "Read the report")
    waiting = sum(line.quarantined or 0 for line in standing.databases)
    if waiting:
        rows = "One row waits" if waiting == 1 else f"{waiting:,} rows wait"
        words = f"{rows} in quarantine."
        yield Finding(words, "Mend or archive them at the desk.", "#consolidation", "Where they wait", is_bad=False)


def _of_mails(stuck: Undelivered) -> Iterator[Finding]:
    if stuck:
        fix = "See that the mail server is up and EMAIL_URL is right; the notices themselves are all here."
        yield Finding(stuck.sentence, fix, reverse("notices:list"), "All notices", is_bad=False)


def _named(lines: Sequence[JobLine]) -> str:
    names = [line.job.title for line in lines[:_NAMED]]
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f"{', '.join(names)}{more}"


def _good_words(facts: Facts) -> str:
    processes = sum(worker.tone != "bad" for cluster in facts.clusters for worker in cluster.workers)
    workers = f"{processes} worker process{'' if processes == 1 else 'es'} up, nothing needs a person."
    planned = [line for line in facts.jobs if line.next_run]
    return f"{workers} Each of {len(planned)} scheduled jobs is on time." if planned else workers
