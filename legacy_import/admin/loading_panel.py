"""The panel of a load under way: on the front page, for everyone, while what a start has queued is not through.

Registered in legacy_import.panels; absent at all other times.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from legacy_import.jobs.loading import Loading, read_loading


@dataclass(frozen=True, slots=True)
class LoadingPanel:
    """How far the load is; `operations_page` is empty for a person who may not open it."""

    loading: Loading
    operations_page: str


def build_loading_panel(request: HttpRequest, _now: datetime) -> LoadingPanel | None:
    """Return the panel, None where no load is under way."""
    loading = read_loading()
    if loading is None:
        return None
    sees_jobs = request.user.has_perm("job_base.view_jobrun")
    return LoadingPanel(loading, reverse("operations:console") if sees_jobs else "")
