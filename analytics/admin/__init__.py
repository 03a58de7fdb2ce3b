"""The analytics admin pages; Django finds this package by its name."""

from analytics.admin.attribution_tracking import AttributionTrackingAdmin
from analytics.admin.content_analysis import ContentAnalysisAdmin
from analytics.admin.content_pattern import ContentPatternAdmin
from analytics.admin.performance_prediction import PerformancePredictionAdmin
from analytics.admin.top_performing_pattern import TopPerformingPatternAdmin

__all__ = [
    "AttributionTrackingAdmin",
    "ContentAnalysisAdmin",
    "ContentPatternAdmin",
    "PerformancePredictionAdmin",
    "TopPerformingPatternAdmin",
]
