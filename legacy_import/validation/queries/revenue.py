"""The revenue database's named queries: under 100 ms each."""

from typing import Final

from legacy_import.validation.queries.named_query import PAGE, NamedQuery, first_value
from revenue.models import (
    ABTest,
    ABTestVariant,
    ContentRecommendation,
    PlatformAdaptation,
    RevenueOpportunity,
    RevenuePipelineSummary,
)

TARGET_MILLISECONDS: Final = 100.0


REVENUE_QUERIES: Final = (
    NamedQuery(
        "a segment's opportunities by value",
        TARGET_MILLISECONDS,
        lambda: RevenueOpportunity.objects.filter(
            customer_segment=first_value(RevenueOpportunity.objects.order_by("customer_segment"), "customer_segment")
        ).order_by("-revenue_potential")[:PAGE],
    ),
    NamedQuery(
        "active opportunities, newest first",
        TARGET_MILLISECONDS,
        lambda: RevenueOpportunity.objects.filter(status="active").order_by("-created_at")[:PAGE],
    ),
    NamedQuery(
        "active tests, latest first",
        TARGET_MILLISECONDS,
        lambda: ABTest.objects.filter(status="active").order_by("-start_date")[:PAGE],
    ),
    NamedQuery(
        "a test's variants by conversion",
        TARGET_MILLISECONDS,
        lambda: ABTestVariant.objects.filter(
            test=ABTestVariant.objects.order_by("test").values_list("test", flat=True).first()
        ).order_by("-consultation_conversion"),
    ),
    NamedQuery(
        "recommendations by priority",
        TARGET_MILLISECONDS,
        lambda: ContentRecommendation.objects.order_by("-priority_score")[:PAGE],
    ),
    NamedQuery(
        "a piece's adaptations",
        TARGET_MILLISECONDS,
        lambda: PlatformAdaptation.objects.filter(
            content=PlatformAdaptation.objects.order_by("content").values_list("content", flat=True).first()
        ).order_by("platform")[:PAGE],
    ),
    NamedQuery(
        "revenue_pipeline_summary",
        TARGET_MILLISECONDS,
        lambda: RevenuePipelineSummary.objects.order_by("customer_segment")[:PAGE],
    ),
)
