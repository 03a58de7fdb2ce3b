"""The page of all variants, for looking across tests.

What lives here: the list and the form of one variant. What does not: variants on their test's page (inline.py).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.http import HttpRequest

from revenue.ab_testing.metric import success_metric
from revenue.ab_testing.rates import format_variant_rate
from revenue.ab_testing.rules import SHARE, rules_broken_by_variant, share_problem
from revenue.admin.ab_tests.forms import VariantPageForm
from revenue.admin.cells import text_column
from revenue.models import ABTestVariant, ExpectedMetric
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.filters import known_values_filter
from synapse.kit.import_export.collisions import Claim
from synapse.kit.import_export.plans import RowPlan

_STORED: Final = "As the legacy file stored it"


@admin.register(ABTestVariant)
class ABTestVariantAdmin(TableAdmin[ABTestVariant]):
    """All variants, test by test; rates are computed from the counts, the stored ones stand apart."""

    form = VariantPageForm
    list_display = [
        "name_cell",
        "test",
        text_column("expected_metric"),
        "impressions",
        "engagement_actions",
        "consultation_requests",
        "rate_cell",
        "is_winner",
    ]
    list_filter = ["is_winner", known_values_filter("expected_metric", ExpectedMetric)]
    list_select_related = ["test"]
    list_totals = ["impressions", "engagement_actions", "consultation_requests"]
    search_fields = ["variant_name", "content"]
    ordering = ["test_id", "position", "created_at", "variant_name"]
    autocomplete_fields = ["test"]
    # Only a confirmation on the test's result page makes a winner (revenue.services.ab_decisions).
    readonly_fields = [
        "rate_cell",
        "is_winner",
        "engagement_rate",
        "consultation_conversion",
        "confidence_level",
        "created_at",
    ]
    sealed_columns: ClassVar = {
        "is_winner": "a confirmation on the test's result page",
        **dict.fromkeys(
            ("engagement_rate", "consultation_conversion", "confidence_level"), "an import of the legacy file"
        ),
    }
    long_texts = ["content"]
    known_values: ClassVar = {"expected_metric": ExpectedMetric}
    fieldsets = [
        (None, {"fields": ["test", "position", "variant_name", "element_type", "content", SHARE]}),
        (
            "Counts",
            {
                "fields": [
                    "expected_metric",
                    "impressions",
                    "engagement_actions",
                    "consultation_requests",
                    "rate_cell",
                    "is_winner",
                    "created_at",
                ]
            },
        ),
        (
            _STORED,
            {
                "classes": ["collapse"],
                "description": (
                    "The legacy scripts divided whole numbers, so these rates are cut off; the sample size counts "
                    "posts, not impressions. They are kept as they were; nothing in Synapse reads them."
                ),
                "fields": ["engagement_rate", "consultation_conversion", "sample_size", "confidence_level"],
            },
        ),
    ]

    def find_row_violations(self, row: Mapping[str, Any], changed: Collection[str]) -> Iterator[tuple[str, str]]:
        """Hold the rows of a file to what the form asks of a person."""
        return rules_broken_by_variant(row, changed)

    def find_cross_row_violations(self, claims: Sequence[Claim]) -> Iterator[tuple[RowPlan, str, str]]:
        """Yield the rows of a file after which a test's planned shares would be no plan."""
        touched = [
            (plan, row)
            for plan, row in claims
            if row.get("test") and (plan.is_new or {SHARE, "test"} & {change.column for change in plan.changes})
        ]
        stored = ABTestVariant.objects.filter(test__in={row["test"] for _, row in touched})
        shares: dict[Any, tuple[Any, Any]] = {
            pk: (test, share) for pk, test, share in stored.values_list("pk", "test_id", SHARE)
        }
        shares |= {plan.pk or plan: (row.get("test"), row.get(SHARE)) for plan, row in claims}
        for plan, row in touched:
            if problem := share_problem(share for test, share in shares.values() if test == row["test"]):
                yield plan, SHARE, problem

    def get_fieldsets(self, request: HttpRequest, obj: ABTestVariant | None = None) -> Any:
        """Return the sections; a variant that is being added has nothing computed or stored to show yet."""
        sections = super().get_fieldsets(request, obj)
        if obj is not None:
            return sections
        shown = (
            (title, [one for one in options["fields"] if one not in self.readonly_fields])
            for title, options in sections
        )
        return [(title, {"fields": fields}) for title, fields in shown if fields and title != _STORED]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start from the address, as Django does, and from the metric most tests have."""
        return {
            "expected_metric": ExpectedMetric.CONSULTATION_REQUESTS.value,
            **super().get_changeform_initial_data(request),
        }

    @admin.display(description="variant", ordering="variant_name")
    def name_cell(self, variant: ABTestVariant) -> str:
        """Return the variant's name."""
        return str(variant) or "(no name)"

    @admin.display(description="rate, computed")
    def rate_cell(self, variant: ABTestVariant) -> str:
        """Return successes per impression, by the counts that are stored."""
        return format_variant_rate(variant, success_metric([variant]))
