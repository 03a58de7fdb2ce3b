"""The list of tests and the form of one.

What lives here: both. What does not: the result page (result_page.py), which has an address of its own below.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from revenue.ab_testing import order
from revenue.ab_testing.judged import JudgedTest, load_judged_test, load_judged_tests
from revenue.ab_testing.phrases import format_running_time, join_variant_names
from revenue.ab_testing.rules import rules_broken_by_test
from revenue.admin.ab_tests.access import may_view_result
from revenue.admin.ab_tests.actions import complete_test_view, confirm_winner_view, reopen_test_view
from revenue.admin.ab_tests.forms import ABTestForm
from revenue.admin.ab_tests.inline import ABTestVariantInline
from revenue.admin.ab_tests.result_page import result_page
from revenue.admin.cells import STYLES
from revenue.models import ABTest, ABTestStatus, TestedElement
from synapse.foundation.text.visible import visible
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.filters import known_values_filter

_JUDGED_COLUMNS: tuple[str, ...] = ("verdict_cell", "variants_cell", "impressions_cell", "running_cell")


@admin.register(ABTest)
class ABTestAdmin(TableAdmin[ABTest]):
    """Tests by status, the latest first, each with its variants and what can be said of them."""

    form = ABTestForm
    change_form_template = "admin/revenue/ab_test_form.html"
    list_display = [
        "name_cell",
        "status_cell",
        "verdict_cell",
        "element_cell",
        "variants_cell",
        "impressions_cell",
        "running_cell",
    ]
    list_filter = [known_values_filter("status", ABTestStatus), known_values_filter("element_type", TestedElement)]
    search_fields = ["test_name", "hypothesis"]
    ordering = ["status", "-start_date"]
    # Only a confirmation on the result page writes who won, and by how much (revenue.services.ab_decisions).
    readonly_fields = [
        "winner_cell",
        "winning_variant",
        "improvement_rate",
        "statistical_significance",
        "created_at",
        "traffic_split",
    ]
    long_texts = ["hypothesis"]
    sealed_columns: ClassVar = {
        **dict.fromkeys(
            ("winning_variant", "improvement_rate", "statistical_significance"),
            "a confirmation on the test's result page",
        ),
        "traffic_split": "an import of the legacy file",
    }
    known_values: ClassVar = {"status": ABTestStatus}
    inlines = [ABTestVariantInline]
    fieldsets = [
        (None, {"fields": ["test_name", "hypothesis", "element_type", "status"]}),
        (
            "Plan",
            {"fields": ["start_date", "end_date", "minimum_sample_size", "confidence_threshold"]},
        ),
        (
            "Stored decision",
            {
                "classes": ["collapse"],
                "description": (
                    "What a person's confirmation or, before that, the legacy scripts stored. These figures are not "
                    "computed from today's counts: the result page does that."
                ),
                "fields": [
                    "winner_cell",
                    "winning_variant",
                    "improvement_rate",
                    "statistical_significance",
                    "created_at",
                ],
            },
        ),
        (
            "As the legacy file stored it",
            {
                "classes": ["collapse"],
                "description": (
                    "The legacy scripts store a traffic split, but never use it: they assign each post to a variant at "
                    "random, each as likely. Synapse doesn't use it either. Shares are equal; to plan others, give "
                    "every variant below a planned share."
                ),
                "fields": ["traffic_split"],
            },
        ),
    ]

    class Media:
        css: ClassVar = STYLES

    def find_row_violations(self, row: Mapping[str, Any], changed: Collection[str]) -> Iterator[tuple[str, str]]:
        """Hold the rows of a file to what the form asks of a person."""
        return rules_broken_by_test(row, changed)

    def get_urls(self) -> list[URLPattern]:
        """Add the result page and its three verbs below each test."""
        wrap = self.admin_site.admin_view
        below = "<uuid:test_id>/result/"
        return [
            path(below, wrap(result_page), name="revenue_abtest_result"),
            path(f"{below}confirm/", wrap(confirm_winner_view), name="revenue_abtest_confirm"),
            path(f"{below}complete/", wrap(complete_test_view), name="revenue_abtest_complete"),
            path(f"{below}reopen/", wrap(reopen_test_view), name="revenue_abtest_reopen"),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show what comes from the variants to those who may see variants."""
        columns = super().get_list_display(request)
        return columns if may_view_result(request) else [name for name in columns if name not in _JUDGED_COLUMNS]

    def get_fieldsets(self, request: HttpRequest, obj: ABTest | None = None) -> Any:
        """Leave out what is stored of a test that doesn't exist yet."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is not None else fieldsets[:-2]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Judge the tests of the page at once."""
        changelist: Any = super().get_changelist_instance(request)
        if may_view_result(request):
            for row in load_judged_tests(changelist.result_list, now=timezone.now()):
                row.test.judged = row  # type: ignore[attr-defined]  # for the columns of this page
        return changelist

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say on the form what the result page says at length, and how the order of variants is known."""
        test: ABTest | None = context["original"]
        context["how_variants_are_ordered"] = order.HOW
        if test is not None and may_view_result(request):
            context["outcome"] = load_judged_test(test, now=timezone.now()).outcome
            context["result_link"] = reverse("admin:revenue_abtest_result", args=[test.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="test", ordering="test_name")
    def name_cell(self, test: ABTest) -> str:
        """Return the test's name."""
        return str(test) or "(no name)"

    @admin.display(description="status", ordering="status", empty_value="-")
    def status_cell(self, test: ABTest) -> str | None:
        """Return the status in words."""
        return _choice_label(ABTestStatus, test.status)

    @admin.display(description="element", ordering="element_type")
    def element_cell(self, test: ABTest) -> str | None:
        """Return what the variants differ in."""
        return _choice_label(TestedElement, test.element_type)

    @admin.display(description="verdict")
    def verdict_cell(self, test: ABTest) -> SafeString:
        """Return the verdict, leading to the result page, and its reason below."""
        page, outcome = reverse("admin:revenue_abtest_result", args=[test.pk]), _judged_row(test).outcome
        # In one element: on a phone each part of a cell would be a column beside its heading.
        words = '<div><a class="list-link" href="{}">{}</a><span class="list-reason">{}</span></div>'
        return format_html(words, page, outcome.headline, outcome.reason)

    @admin.display(description="variants")
    def variants_cell(self, test: ABTest) -> str:
        """Return the variants' names."""
        return join_variant_names(_judged_row(test))

    @admin.display(description="impressions")
    def impressions_cell(self, test: ABTest) -> str:
        """Return the impressions of all variants."""
        return f"{_judged_row(test).impressions:,}"

    @admin.display(description="running for")
    def running_cell(self, test: ABTest) -> str:
        """Return how long the test has run."""
        return format_running_time(_judged_row(test))

    @admin.display(description="winner")
    def winner_cell(self, test: ABTest) -> str:
        """Return the winner's name, whatever way the column names it."""
        found = load_judged_test(test, now=timezone.now()).winner
        if found is not None:
            return visible(found.variant_name)
        return "no variant of this test any more" if test.winning_variant else "nobody yet"


def _choice_label(choices: type[TextChoices], value: str | None) -> str | None:
    """Return a choice's label, any other value as it can be shown."""
    words: dict[str, str] = dict(choices.choices)
    return None if value is None else words.get(value, visible(value))


def _judged_row(test: ABTest) -> JudgedTest:
    found: JudgedTest = test.judged  # type: ignore[attr-defined]  # set by get_changelist_instance
    return found
