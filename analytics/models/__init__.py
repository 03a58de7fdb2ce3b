"""The analytics tables and view, one module each."""

from analytics.models.attribution_tracking import AttributionTracking
from analytics.models.content_analysis import ContentAnalysis
from analytics.models.content_pattern import ContentPattern
from analytics.models.performance_prediction import PerformancePrediction
from analytics.models.top_performing_pattern import TopPerformingPattern

__all__ = [
    "AttributionTracking",
    "ContentAnalysis",
    "ContentPattern",
    "PerformancePrediction",
    "TopPerformingPattern",
]
