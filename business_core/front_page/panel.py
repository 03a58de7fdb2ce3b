"""The business core's panel of the front page: the queue of the day and the pipeline, or how to bring inquiries in."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from business_core.dashboard.sections import overview_sections
from business_core.front_page.daily_queue import DailyQueue, build_daily_queue
from business_core.models import ConsultationInquiry
from synapse.kit.admin.permissions import may_view
from synapse.kit.dashboard import Section
from synapse.kit.panels.front_page import import_page_address


@dataclass(frozen=True, slots=True)
class InquiriesPanel:
    """What the panel's template gets.

    `queue` is None where there is no inquiry; then the two addresses say where to bring some in, each empty for a
    person who may not open it.
    """

    queue: DailyQueue | None = None
    standing: tuple[Section, ...] = ()
    import_page: str = ""
    add_page: str = ""


def build_inquiries_panel(request: HttpRequest, now: datetime) -> InquiriesPanel | None:
    """Return the panel; None for a person who may not see inquiries."""
    if not may_view(request, ConsultationInquiry):
        return None
    if ConsultationInquiry.objects.exists():
        return InquiriesPanel(build_daily_queue(request, now), tuple(overview_sections(request, now)))
    may_add = admin.site.get_model_admin(ConsultationInquiry).has_add_permission(request)
    return InquiriesPanel(
        import_page=import_page_address(request),
        add_page=reverse("admin:business_core_consultationinquiry_add") if may_add else "",
    )
