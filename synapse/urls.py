"""Every address Synapse answers: the admin, and the way to it."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from analytics.dashboard.page import analytics_dashboard
from business_core.dashboard.views import pipeline_dashboard
from business_core.front_page.actions import change_next_action
from legacy_import.admin.consolidation.page import consolidation_dashboard
from revenue.calculator.views import calculator_page
from revenue.dashboard.page import revenue_dashboard
from revenue.glossary.views import glossary_page

admin.site.site_header = "Synapse"
admin.site.site_title = "Synapse"
admin.site.index_title = "What would you like to look at?"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("synapse.console.health.urls")),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/dashboards/pipeline/", admin.site.admin_view(pipeline_dashboard), name="dashboard-business-core"),
    path("admin/today/next-action/", admin.site.admin_view(change_next_action), name="front-page-next-action"),
    path("admin/changes/", include("synapse.kit.change_log.urls")),
    path("admin/operations/", include("synapse.console.operations.urls")),
    path("admin/notices/", include("synapse.kit.notices.urls")),
    path("admin/dashboards/analytics/", admin.site.admin_view(analytics_dashboard), name="dashboard-analytics"),
    path("admin/dashboards/revenue/", admin.site.admin_view(revenue_dashboard), name="dashboard-revenue"),
    path("admin/experiments/calculator/", admin.site.admin_view(calculator_page), name="ab-calculator"),
    path("admin/experiments/glossary/", admin.site.admin_view(glossary_page), name="ab-glossary"),
    path(
        "admin/dashboards/consolidation/",
        admin.site.admin_view(consolidation_dashboard),
        name="dashboard-consolidation",
    ),
    path("admin/", admin.site.urls),
]

if settings.DEBUG_TOOLBAR:
    urlpatterns.append(path("__debug__/", include("debug_toolbar.urls")))
