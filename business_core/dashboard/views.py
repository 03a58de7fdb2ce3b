"""The address of the pipeline's page.

What lives here: permission, range and response. What does not: the numbers (sections.py).
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from business_core.dashboard.sections import pipeline_sections
from business_core.models import ConsultationInquiry
from synapse.kit.admin.permissions import may_view
from synapse.kit.dashboard import TimeRange, dashboard_page
from synapse.kit.panels.pipeline import fill_pipeline_panels


@require_safe
def pipeline_dashboard(request: HttpRequest) -> HttpResponse:
    """Show the pipeline in numbers to who may see inquiries."""
    if not may_view(request, ConsultationInquiry):
        raise PermissionDenied
    now = timezone.now()
    time_range = TimeRange.from_request(request, now)
    return dashboard_page(
        request,
        title="Pipeline in numbers",
        sections=pipeline_sections(request, time_range, now),
        time_range=time_range,
        note="Every number opens the rows that make it; below each list stands what they come to.",
        panels=fill_pipeline_panels(request, now),
    )
