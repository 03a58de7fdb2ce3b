"""A test's variants on the test's own page.

What lives here: the inline rows. What does not: what may be typed into them (forms.py).
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from revenue.ab_testing.metric import success_metric
from revenue.ab_testing.rates import format_variant_rate
from revenue.admin.ab_tests.forms import MIN_VARIANTS, VariantForm, VariantFormSet
from revenue.models import ABTest, ABTestVariant, ExpectedMetric
from synapse.kit.admin.editable import TableInline


class ABTestVariantInline(TableInline[ABTestVariant, ABTest]):
    """A test's variants, the control first, with their counts and the rate these make."""

    model = ABTestVariant
    form = VariantForm
    formset = VariantFormSet
    fields = [
        "position",
        "variant_name",
        "content",
        "planned_share_percent",
        "expected_metric",
        "impressions",
        "engagement_actions",
        "consultation_requests",
        "rate_cell",
    ]
    readonly_fields = ["rate_cell"]
    known_values: ClassVar = {"expected_metric": ExpectedMetric}
    verbose_name_plural = "variants, the control first"

    def get_min_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int | None:  # noqa: ARG002  # Django's
        """Offer a new test the two variants it needs."""
        return MIN_VARIANTS if obj is None else 0

    @admin.display(description="rate, computed")
    def rate_cell(self, variant: ABTestVariant) -> str:
        """Return successes per impression, by the counts that are stored."""
        return format_variant_rate(variant, success_metric([variant]))
