"""The analytics database's named queries: under 100 ms each."""

from typing import Final

from django.db.models import Count, F, Sum

from analytics.models import (
    AttributionTracking,
    ContentAnalysis,
    ContentPattern,
    PerformancePrediction,
    TopPerformingPattern,
)
from legacy_import.validation.queries.named_query import PAGE, NamedQuery, first_value

TARGET_MILLISECONDS: Final = 100.0


ANALYTICS_QUERIES: Final = (
    NamedQuery(
        "patterns of a type, the surest first",
        TARGET_MILLISECONDS,
        lambda: ContentPattern.objects.filter(
            pattern_type=first_value(ContentPattern.objects.order_by("pattern_type"), "pattern_type")
        ).order_by("-confidence_score")[:PAGE],
    ),
    NamedQuery(
        "patterns by engagement",
        TARGET_MILLISECONDS,
        lambda: ContentPattern.objects.order_by("-avg_engagement_rate")[:PAGE],
    ),
    NamedQuery(
        "top_performing_patterns",
        TARGET_MILLISECONDS,
        lambda: TopPerformingPattern.objects.order_by("-avg_consultation_conversion", "-avg_engagement_rate")[:PAGE],
    ),
    NamedQuery(
        "a post's predictions, the most accurate first",
        TARGET_MILLISECONDS,
        lambda: PerformancePrediction.objects.filter(
            post_id=first_value(PerformancePrediction.objects.order_by("post_id"), "post_id")
        ).order_by(F("prediction_accuracy").desc(nulls_last=True))[:PAGE],
    ),
    NamedQuery(
        "a post's analysis",
        TARGET_MILLISECONDS,
        lambda: ContentAnalysis.objects.filter(
            post_id=first_value(ContentAnalysis.objects.order_by("post_id"), "post_id")
        ),
    ),
    NamedQuery(
        "analyses of deep technical posts",
        TARGET_MILLISECONDS,
        lambda: ContentAnalysis.objects.filter(technical_depth=5, business_focus__gte=3)[:PAGE],
    ),
    NamedQuery(
        "a content's touchpoints on a platform",
        TARGET_MILLISECONDS,
        lambda: AttributionTracking.objects.filter(
            content_id=first_value(AttributionTracking.objects.order_by("content_id"), "content_id"),
            platform="linkedin",
        )[:PAGE],
    ),
    NamedQuery(
        "a content's worth by platform",
        TARGET_MILLISECONDS,
        lambda: (
            AttributionTracking.objects.filter(
                content_id=first_value(AttributionTracking.objects.order_by("content_id"), "content_id")
            )
            .values("platform")
            .annotate(touchpoints=Count("pk"), worth=Sum("value"))
            .order_by("platform")
        ),
    ),
)
