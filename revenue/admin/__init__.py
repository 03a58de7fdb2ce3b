"""The revenue admin pages; Django finds this package by its name."""

from revenue.admin.ab_tests import ABTestAdmin, ABTestVariantAdmin
from revenue.admin.content_piece import ContentPieceAdmin, PlatformAdaptationAdmin
from revenue.admin.content_recommendation import ContentRecommendationAdmin
from revenue.admin.revenue_opportunity import RevenueOpportunityAdmin
from revenue.admin.revenue_pipeline_summary import RevenuePipelineSummaryAdmin

__all__ = [
    "ABTestAdmin",
    "ABTestVariantAdmin",
    "ContentPieceAdmin",
    "ContentRecommendationAdmin",
    "PlatformAdaptationAdmin",
    "RevenueOpportunityAdmin",
    "RevenuePipelineSummaryAdmin",
]
