"""The analytics dashboard: which sections a person sees.

What lives here: the request. What does not: the numbers (the sections' modules), drawing them (synapse.kit.dashboard).
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics.dashboard.analyses import analyses_section
from analytics.dashboard.attribution import attribution_section
from analytics.dashboard.patterns import patterns_section
from analytics.dashboard.predictions import predictions_section
from analytics.models import AttributionTracking, ContentAnalysis, PerformancePrediction, TopPerformingPattern
from synapse.kit.admin.permissions import may_view
from synapse.kit.admin.refreshable import view_age_for_page
from synapse.kit.dashboard import TimeRange, dashboard_page

SECTIONS = {
    TopPerformingPattern: patterns_section,
    PerformancePrediction: predictions_section,
    AttributionTracking: attribution_section,
    ContentAnalysis: analyses_section,
}
"""Each section with the model one must be allowed to view for it."""


@require_safe
def analytics_dashboard(request: HttpRequest) -> TemplateResponse:
    """Show the sections whose rows the person may view. Raises PermissionDenied where there are none."""
    models = [model for model in SECTIONS if may_view(request, model)]
    if not models:
        raise PermissionDenied
    time_range = TimeRange.from_request(request, timezone.now())
    sections = [SECTIONS[model](request, time_range) for model in models]
    page = dashboard_page(request, title="Analytics in numbers", sections=sections, time_range=time_range)
    if TopPerformingPattern in models and page.context_data is not None:
        page.context_data["view_age"] = view_age_for_page(request, TopPerformingPattern)
    page.template_name = "synapse/kit/dashboard/page_with_age.html"
    return page
