"""The content of the operator's page: jobs and workers from this package, the apps' data from their panels."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success

from synapse.console.operations import run_queries
from synapse.console.operations.active_run_lines import ActiveLine, active_run_lines
from synapse.console.operations.headline import BrokenSchedule, Facts, Headline, build_headline
from synapse.console.operations.job_lines import JobLine, job_lines
from synapse.console.operations.run_lines import RunLine, build_run_line
from synapse.console.operations.worker_lines import Workers, build_workers
from synapse.foundation.text.visible import visible
from synapse.kit.admin.permissions import changelist_address, may_view
from synapse.kit.jobs.schedules import unreadable_schedules
from synapse.kit.notices.outbox import undelivered_mail
from synapse.kit.panels.contained_panels import build_contained_panel
from synapse.kit.panels.operations import OPERATIONS_PANELS, Finding, PanelContent

_RAW_LISTS: Final = (
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
class FilledPanel:
    """An app's panel: its template and what that gets as `panel`."""

    template: str
    content: Any


@dataclass(frozen=True, slots=True)
class Console:
    """What the operator's page shows; `panels` are those of the apps that this person may see."""

    headline: Headline
    needing: list[RunLine]
    needing_count: int
    settled: list[RunLine]
    active: list[ActiveLine]
    jobs: list[JobLine]
    workers: Workers
    panels: list[FilledPanel]
    raw_lists: list[RawList]

    @property
    def hidden_needing_count(self) -> int:
        """How many given-up runs are not among those shown."""
        return max(self.needing_count - len(self.needing), 0)


def build_operations_page(request: HttpRequest, now: datetime) -> Console:
    """Return the page's content for this person; how many queries it takes depends on no number of runs."""
    waiting, given_up, waiting_since = run_queries.count_backlog()
    workers = build_workers(waiting=waiting, waiting_since=waiting_since, now=now)
    active, jobs = active_run_lines(now, workers_are_up=workers.are_up), job_lines(now)
    panels, panel_findings = _fill_panels(request, now)
    may_open = may_view(request, Schedule)
    broken_schedules = [
        BrokenSchedule(visible(str(one)), reverse("admin:django_q_schedule_change", args=[one.pk]) if may_open else "")
        for one in unreadable_schedules(now)
    ]
    facts = Facts(
        clusters=workers.clusters,
        given_up_count=given_up,
        waiting_since=waiting_since,
        active=active,
        jobs=jobs,
        broken_schedules=broken_schedules,
        panel_findings=panel_findings,
        mails=undelivered_mail(now),
    )
    raw_lists = [RawList(words, changelist_address(model)) for model, words in _RAW_LISTS if may_view(request, model)]
    return Console(
        headline=build_headline(facts, now),
        needing=[build_run_line(run, now) for run in run_queries.given_up_runs()] if given_up else [],
        needing_count=given_up,
        settled=[build_run_line(run, now) for run in run_queries.recently_dismissed_runs(now)],
        active=active,
        jobs=jobs,
        workers=workers,
        panels=panels,
        raw_lists=raw_lists,
    )


def _fill_panels(request: HttpRequest, now: datetime) -> tuple[list[FilledPanel], list[Finding]]:
    """Return the apps' panels that this person may see, and what the headline has to say of them."""
    panels: list[FilledPanel] = []
    findings: list[Finding] = []
    for panel in OPERATIONS_PANELS.in_order():
        template, content = build_contained_panel(panel.name, panel.template, partial(panel.build, request, now))
        if isinstance(content, PanelContent):
            panels.append(FilledPanel(template, content.panel))
            findings += content.findings
        elif content is not None:
            panels.append(FilledPanel(template, content))
            findings.append(Finding("A part of this page failed.", f"The log says why, under error {content}."))
    return panels, findings
