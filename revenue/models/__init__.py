"""The revenue tables and view, one module each."""

from revenue.models.ab_test import ABTest, ABTestStatus, TestedElement
from revenue.models.ab_test_variant import ABTestVariant, ExpectedMetric
from revenue.models.content_piece import ContentPiece
from revenue.models.content_recommendation import ContentRecommendation
from revenue.models.platform_adaptation import AdaptationStatus, PlatformAdaptation
from revenue.models.revenue_opportunity import OpportunityStatus, RevenueOpportunity
from revenue.models.revenue_pipeline_summary import RevenuePipelineSummary

__all__ = [
    "ABTest",
    "ABTestStatus",
    "ABTestVariant",
    "AdaptationStatus",
    "ContentPiece",
    "ContentRecommendation",
    "ExpectedMetric",
    "OpportunityStatus",
    "PlatformAdaptation",
    "RevenueOpportunity",
    "RevenuePipelineSummary",
    "TestedElement",
]
