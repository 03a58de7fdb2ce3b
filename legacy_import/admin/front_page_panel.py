"""What waits for the person who runs the migration: runs that were given up, rows in quarantine, values to choose.

What lives here: counting them per database. What does not: their pages (legacy_import.admin).
"""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from legacy_import import models
from legacy_import.admin.database_words import DATABASE_WORDS, QUARANTINED_ROWS
from legacy_import.admin.quarantine.groups import count_waiting
from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.models import JobRun

_DIVERGENCES: Final[dict[str, Any]] = {
    model.database_alias: model
    for model in (models.BusinessCoreDivergence, models.AnalyticsDivergence, models.RevenueDivergence)
}


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Something that waits on a database's page."""

    words: str
    link: str


def waiting_lines(request: HttpRequest) -> list[WaitingLine] | None:
    """Return what waits on the pages this person may open; None for who may open none of them."""
    quarantines = [alias for alias in ALIASES if _may_view(request, QUARANTINED_ROWS[alias])]
    divergences = [alias for alias in ALIASES if _may_view(request, _DIVERGENCES[alias])]
    sees_jobs = request.user.has_perm("job_base.view_jobrun")
    if not quarantines and not divergences and not sees_jobs:
        return None
    lines = [
        _given_up() if sees_jobs else None,
        *(_quarantine(alias) for alias in quarantines),
        *(_divergence(alias) for alias in divergences),
    ]
    return [line for line in lines if line is not None]


def operations_page(request: HttpRequest) -> str:
    """Return the address of the operator's one place, empty for who may not open it."""
    return reverse("operations:console") if request.user.has_perm("job_base.view_jobrun") else ""


def _given_up() -> WaitingLine | None:
    runs = JobRun.objects.using(BUSINESS_CORE).filter(state=JobRun.State.GIVEN_UP).count()
    if not runs:
        return None
    words = f"{runs:,} job run{' was' if runs == 1 else 's were'} given up and need{'s' if runs == 1 else ''} a person"
    return WaitingLine(words, f"{reverse('operations:console')}#needs-person")


def _quarantine(alias: str) -> WaitingLine | None:
    rows = count_waiting(alias)
    if not rows:
        return None
    words = f"{rows:,} row{'' if rows == 1 else 's'} in the quarantine of the {DATABASE_WORDS[alias]} database"
    return WaitingLine(words, _page(QUARANTINED_ROWS[alias]))


def _divergence(alias: str) -> WaitingLine | None:
    fields = _DIVERGENCES[alias].objects.using(alias).filter(choice="").count()
    if not fields:
        return None
    words = f"{fields:,} value{'' if fields == 1 else 's'} to choose in the {DATABASE_WORDS[alias]} database"
    return WaitingLine(words, _page(_DIVERGENCES[alias]))


def _page(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _may_view(request: HttpRequest, model: Any) -> bool:
    return admin.site.get_model_admin(model).has_view_permission(request)
