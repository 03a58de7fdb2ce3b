"""The revenue dashboard: which sections a person sees.

What lives here: the request. What does not: the numbers (the sections' modules), drawing them (synapse.kit.dashboard).
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from revenue.dashboard.adaptations import adaptations_section
from revenue.dashboard.experiments import experiments_section
from revenue.dashboard.opportunities import opportunities_section, segments_section
from revenue.dashboard.recommendations import recommendations_section
from revenue.models import (
    ABTest,
    ContentRecommendation,
    PlatformAdaptation,
    RevenueOpportunity,
    RevenuePipelineSummary,
)
from synapse.kit.admin.permissions import may_view
from synapse.kit.admin.refreshable import view_age_for_page
from synapse.kit.dashboard import TimeRange, dashboard_page

SECTIONS = {
    RevenueOpportunity: opportunities_section,
    RevenuePipelineSummary: segments_section,
    PlatformAdaptation: adaptations_section,
    ContentRecommendation: recommendations_section,
    ABTest: experiments_section,
}
"""Each section with the model one must be allowed to view for it."""


@require_safe
def revenue_dashboard(request: HttpRequest) -> TemplateResponse:
    """Show the sections whose rows the person may view. Raises PermissionDenied where there are none."""
    models = [model for model in SECTIONS if may_view(request, model)]
    if not models:
        raise PermissionDenied
    now = timezone.now()
    time_range = TimeRange.from_request(request, now)
    sections = [SECTIONS[model](request, time_range, now) for model in models]
    page = dashboard_page(request, title="Revenue in numbers", sections=sections, time_range=time_range)
    if RevenuePipelineSummary in models and page.context_data is not None:
        page.context_data["view_age"] = view_age_for_page(request, RevenuePipelineSummary)
    page.template_name = "synapse/kit/dashboard/page_with_age.html"
    return page
