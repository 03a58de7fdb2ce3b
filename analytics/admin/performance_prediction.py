"""The page of performance predictions."""

from django.contrib import admin

from analytics.models import PerformancePrediction
from synapse.admin_base import TableAdmin


@admin.register(PerformancePrediction)
class PerformancePredictionAdmin(TableAdmin[PerformancePrediction]):
    """Predictions, by post."""

    list_display = [
        "post_id",
        "predicted_engagement_rate",
        "actual_engagement_rate",
        "predicted_consultation_requests",
        "actual_consultation_requests",
        "prediction_accuracy",
    ]
    search_fields = ["post_id"]
    ordering = ["post_id"]
    readonly_fields = ["created_at"]
