"""The pages of A/B tests and their variants."""

from typing import ClassVar

from django.contrib import admin

from revenue.models import ABTest, ABTestStatus, ABTestVariant
from synapse.admin_base import TableAdmin, TableInline, known_values_filter


class ABTestVariantInline(TableInline[ABTestVariant, ABTest]):
    """A test's variants, with their counts."""

    model = ABTestVariant
    fields = [
        "variant_name",
        "element_type",
        "content",
        "expected_metric",
        "impressions",
        "engagement_actions",
        "consultation_requests",
        "sample_size",
        "is_winner",
    ]


@admin.register(ABTest)
class ABTestAdmin(TableAdmin[ABTest]):
    """Tests by status, the latest first, each with its variants."""

    list_display = ["test_name", "element_type", "status", "start_date", "end_date", "improvement_rate"]
    list_filter = [known_values_filter("status", ABTestStatus)]
    search_fields = ["test_name", "hypothesis"]
    ordering = ["status", "-start_date"]
    readonly_fields = ["created_at"]
    long_texts = ["hypothesis"]
    known_values: ClassVar = {"status": ABTestStatus}
    inlines = [ABTestVariantInline]


@admin.register(ABTestVariant)
class ABTestVariantAdmin(TableAdmin[ABTestVariant]):
    """All variants, test by test."""

    list_display = ["variant_name", "test", "impressions", "engagement_actions", "consultation_requests", "is_winner"]
    list_filter = ["is_winner"]
    list_select_related = ["test"]
    search_fields = ["variant_name", "content"]
    ordering = ["test_id", "-consultation_conversion"]
    autocomplete_fields = ["test"]
    readonly_fields = ["created_at"]
    long_texts = ["content"]
