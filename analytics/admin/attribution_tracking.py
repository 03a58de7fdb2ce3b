"""The page of attribution touchpoints."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from analytics.models import AttributionTracking
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.range_filters import DayRangeFilter, NumberRangeFilter


class ReachFilter(admin.SimpleListFilter):
    """Touches of content that was met on one platform only, or on several."""

    title = "content met on"
    parameter_name = "reach"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002  # Django's
        """Return the choices."""
        return [("several", "Several platforms"), ("one", "One platform")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen touches."""
        if self.value() not in {"several", "one"}:
            return queryset
        several = AttributionTracking.objects.of_pieces_on_several_platforms().values("pk")
        return queryset.filter(pk__in=several) if self.value() == "several" else queryset.exclude(pk__in=several)


@admin.register(AttributionTracking)
class AttributionTrackingAdmin(TableAdmin[AttributionTracking]):
    """Touchpoints, by content."""

    list_display = ["content_id", "platform", "touchpoint", "value", "user_id", "processed", "timestamp"]
    list_filter = [ReachFilter, ("value", NumberRangeFilter), ("timestamp", DayRangeFilter), "processed"]
    list_totals = ["value"]
    search_fields = ["content_id", "platform", "touchpoint", "user_id"]
    ordering = ["content_id", "platform"]
    readonly_fields = ["timestamp"]
    fieldsets = [
        (None, {"fields": ["content_id", "platform", "touchpoint", "timestamp"]}),
        ("Who", {"fields": ["user_id", "session_id"]}),
        ("What it brought", {"fields": ["value", "processed", "metadata"]}),
    ]
