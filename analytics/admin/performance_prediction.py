"""The page of performance predictions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from analytics.models import PerformancePrediction
from analytics.querysets.predictions import WITH_ACTUAL, WITHOUT_ACTUAL
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.range_filters import DayRangeFilter, NumberRangeFilter

_POINTS = 100


class ActualFilter(admin.SimpleListFilter):
    """Predictions whose post has shown what it brings, and those that wait."""

    title = "actual rate"
    parameter_name = "actual"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002  # Django's
        """Return the choices."""
        return [("known", "Known"), ("waiting", "Not known yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen predictions."""
        chosen = {"known": WITH_ACTUAL, "waiting": WITHOUT_ACTUAL}.get(self.value() or "", {})
        return queryset.filter(**chosen)


@admin.register(PerformancePrediction)
class PerformancePredictionAdmin(TableAdmin[PerformancePrediction]):
    """Predictions beside the actual figures, by post."""

    list_display = [
        "post_id",
        "predicted_engagement_rate",
        "actual_engagement_rate",
        "prediction_error_cell",
        "predicted_consultation_requests",
        "actual_consultation_requests",
        "prediction_accuracy",
        "created_at",
    ]
    list_filter = [ActualFilter, ("prediction_accuracy", NumberRangeFilter), ("created_at", DayRangeFilter)]
    list_totals = ["predicted_consultation_requests", "actual_consultation_requests"]
    search_fields = ["post_id"]
    ordering = ["post_id"]
    readonly_fields = ["created_at"]
    fieldsets = [
        (
            "Predicted",
            {
                "fields": [
                    "post_id",
                    "predicted_engagement_rate",
                    "confidence_lower",
                    "confidence_upper",
                    "predicted_consultation_requests",
                    "created_at",
                ]
            },
        ),
        (
            "What came",
            {
                "fields": [
                    "actual_engagement_rate",
                    "actual_consultation_requests",
                    "prediction_accuracy",
                    "validated_at",
                ]
            },
        ),
        ("Why, and what to do", {"fields": ["key_factors", "recommendations"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PerformancePrediction]:
        """Return the predictions with how far each was off."""
        rows: Any = super().get_queryset(request)
        found: QuerySet[PerformancePrediction] = rows.with_prediction_error()
        return found

    @admin.display(description="miss (points)", ordering="prediction_error", empty_value="not known yet")
    def prediction_error_cell(self, row: Any) -> str | None:
        """Return how far the actual engagement rate lies above or below the predicted one, in points."""
        return None if row.prediction_error is None else f"{row.prediction_error * _POINTS:+.2f}"
