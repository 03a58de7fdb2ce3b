"""The import's panel of the front page: what waits for the migration operator.

Counted are job runs that were given up, rows in quarantine and divergences without a choice, per database. Registered
in legacy_import.panels.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from legacy_import.admin.database_pages import DATABASE_WORDS, DIVERGENCES, QUARANTINED_ROWS
from legacy_import.models import Divergence, ImportSource
from legacy_import.services.quarantine_counts import count_quarantined_rows
from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.admin.permissions import changelist_address, may_view
from synapse.kit.jobs.models import JobRun


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Something that waits on a database's page."""

    words: str
    link: str


@dataclass(frozen=True, slots=True)
class WaitingPanel:
    """What waits; `operations_page` is empty for a person who may not open it."""

    lines: list[WaitingLine]
    operations_page: str


def build_waiting_panel(request: HttpRequest, _now: datetime) -> WaitingPanel | None:
    """Return what waits on the pages this person may open; None for a person who may open none of them."""
    quarantines = [alias for alias in ALIASES if may_view(request, QUARANTINED_ROWS[alias])]
    divergences = [alias for alias in ALIASES if may_view(request, DIVERGENCES[alias])]
    sees_jobs = request.user.has_perm("job_base.view_jobrun")
    if not quarantines and not divergences and not sees_jobs:
        return None
    operations_page = reverse("operations:console") if sees_jobs else ""
    lines = []
    runs = JobRun.objects.using(BUSINESS_CORE).filter(state=JobRun.State.GIVEN_UP).count() if sees_jobs else 0
    if runs:
        was, need = ("was", "needs") if runs == 1 else ("were", "need")
        words = f"{runs:,} job run{'' if runs == 1 else 's'} {was} given up and {need} a person"
        lines.append(WaitingLine(words, f"{operations_page}#needs-person"))
    for alias in quarantines:
        rows = count_quarantined_rows(alias)
        if rows:
            words = f"{rows:,} row{'' if rows == 1 else 's'} in the quarantine of the {DATABASE_WORDS[alias]} database"
            lines.append(WaitingLine(words, changelist_address(QUARANTINED_ROWS[alias])))
    for alias in divergences:
        fields = Divergence.objects.using(alias).undecided().count()
        if fields:
            words = f"{fields:,} value{'' if fields == 1 else 's'} to choose in the {DATABASE_WORDS[alias]} database"
            lines.append(WaitingLine(words, changelist_address(DIVERGENCES[alias])))
    return WaitingPanel(lines, operations_page)


def sources_page_address(request: HttpRequest) -> str:
    """Return the address of the page on which imports are started, empty for a person who may not open it."""
    return changelist_address(ImportSource) if may_view(request, ImportSource) else ""
