"""The front page's content, handed to the theme's index.

What lives here: putting the parts together. What does not: the parts (queue.py, experiments.py, operator.py).
"""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from business_core.dashboard.sections import standing_sections
from business_core.front_page.daily_queue import Queue, queue
from business_core.models import ConsultationInquiry
from legacy_import.admin.front_page_panel import operations_page, waiting_lines
from legacy_import.models import ImportSource
from revenue.front_page_panel import running_tests


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the index page's context with what this person needs to know now."""
    now = timezone.now()
    today = timezone.localdate(now)
    parts = {**_pipeline(request, now), "tests": running_tests(request, now), "waiting": waiting_lines(request)}
    return {
        **context,
        "title": f"Today, {today:%A} {today.day} {today:%B %Y}",
        **parts,
        "operations": operations_page(request),
        "nothing_to_see": not any(value is not None for value in parts.values()),
    }


def _pipeline(request: HttpRequest, now: datetime) -> dict[str, Any]:
    if not _may_view(request, ConsultationInquiry):
        return {"queue": None, "standing": None, "empty": None}
    if not ConsultationInquiry.objects.exists():
        return {"queue": None, "standing": None, "empty": _way_in(request)}
    found: Queue = queue(request, now)
    return {"queue": found, "standing": standing_sections(request, now), "empty": None}


def _way_in(request: HttpRequest) -> dict[str, str]:
    """Return what a person can do about there being no inquiry: the addresses that this person may open."""
    inquiries = admin.site.get_model_admin(ConsultationInquiry)
    may_add = inquiries.has_add_permission(request)
    return {
        "sources": reverse("admin:legacy_import_importsource_changelist") if _may_view(request, ImportSource) else "",
        "add": reverse("admin:business_core_consultationinquiry_add") if may_add else "",
    }


def _may_view(request: HttpRequest, model: Any) -> bool:
    return admin.site.get_model_admin(model).has_view_permission(request)
