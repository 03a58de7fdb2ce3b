"""The console: all that the operator's page shows, put together.

What lives here: the parts. What does not: their words and reading (the modules beside), the request (pages.py).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success

from legacy_import.admin.operations_panel import Consolidation, consolidation
from synapse.console.operations import reading
from synapse.console.operations.active_lines import ActiveLine, active_lines
from synapse.console.operations.headline import BrokenSchedule, Facts, Headline, headline
from synapse.console.operations.job_lines import JobLine, job_lines
from synapse.console.operations.run_words import RunLine, run_line
from synapse.console.operations.worker_lines import Workers, workers
from synapse.foundation.text.visible import visible
from synapse.kit.jobs.schedules import unreadable_schedules
from synapse.kit.notices.outbox import undelivered_mail

_RAW: Final = (
    (OrmQ, "messages that wait"),
    (Success, "messages dealt with"),
    (Failure, "messages that failed"),
)


@dataclass(frozen=True, slots=True)
class RawList:
    """One of django-q's own lists."""

    words: str
    page: str


@dataclass(frozen=True, slots=True)
class Console:
    """What the operator's page shows; `consolidation` is None for who may not see the sources."""

    headline: Headline
    needing: list[RunLine]
    needing_count: int
    settled: list[RunLine]
    active: list[ActiveLine]
    jobs: list[JobLine]
    workers: Workers
    consolidation: Consolidation | None
    raw_lists: list[RawList]

    @property
    def needing_more(self) -> int:
        """How many given-up runs are not among those shown."""
        return max(self.needing_count - len(self.needing), 0)


def console(request: HttpRequest, now: datetime) -> Console:
    """Return the page's content for this person; how many questions it asks depends on no number of runs."""
    waiting, needing, since = reading.backlog()
    crew = workers(waiting=waiting, waiting_since=since, now=now)
    active, jobs, standing = active_lines(now, workers_are_up=crew.are_up), job_lines(now), consolidation(request, now)
    broken = _broken_schedules(request, now)
    facts = Facts(crew.clusters, needing, since, active, jobs, broken, standing, undelivered_mail(now))
    return Console(
        headline=headline(facts, now),
        needing=[run_line(run, now) for run in reading.given_up_runs()] if needing else [],
        needing_count=needing,
        settled=[run_line(run, now) for run in reading.lately_settled_runs(now)],
        active=active,
        jobs=jobs,
        workers=crew,
        consolidation=standing,
        raw_lists=_raw_lists(request),
    )


def _broken_schedules(request: HttpRequest, now: datetime) -> list[BrokenSchedule]:
    may_look = admin.site.get_model_admin(Schedule).has_view_permission(request)
    return [
        BrokenSchedule(visible(str(one)), reverse("admin:django_q_schedule_change", args=[one.pk]) if may_look else "")
        for one in unreadable_schedules(now)
    ]


def _raw_lists(request: HttpRequest) -> list[RawList]:
    seen = (
        (words, model._meta.model_name)
        for model, words in _RAW
        if admin.site.get_model_admin(model).has_view_permission(request)
    )
    return [RawList(words, reverse(f"admin:django_q_{name}_changelist")) for words, name in seen]
