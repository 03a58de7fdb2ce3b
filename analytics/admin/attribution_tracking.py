"""The page of attribution touchpoints."""

from django.contrib import admin

from analytics.models import AttributionTracking
from synapse.admin_base import TableAdmin


@admin.register(AttributionTracking)
class AttributionTrackingAdmin(TableAdmin[AttributionTracking]):
    """Touchpoints, by content."""

    list_display = ["content_id", "platform", "touchpoint", "value", "processed", "timestamp"]
    list_filter = ["processed"]
    search_fields = ["content_id", "platform", "touchpoint"]
    ordering = ["content_id", "platform"]
    readonly_fields = ["timestamp"]
