"""The page of consultation inquiries.

What lives here: which columns, filters, sections and verbs there are. What does not: what cells say
(inquiry_columns.py), changing many at once (inquiry_bulk.py), the panels below the form (inquiry_panels.py).
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from business_core.admin.inquiry_bulk import (
    FINISH_NEXT_ACTION,
    SET_NEXT_ACTION,
    SET_STATUS,
    run_bulk_action,
    show_bulk_change_message,
)
from business_core.admin.inquiry_columns import InquiryColumns, next_action_changed_message
from business_core.admin.inquiry_filters import DueFilter, OpenFilter
from business_core.admin.new_row_defaults import NewRowDefaults
from business_core.admin.styles import STYLES
from business_core.models import ConsultationInquiry, DataSource, InquiryChannel, InquiryStatus, InquiryType
from business_core.services.inquiries import finish_next_action
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.filters import known_values_filter
from synapse.kit.admin.range_filters import DayRangeFilter, NumberRangeFilter

_SECTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "Status and next action",
        {"fields": ["status", ("next_action", "next_action_due_date"), "last_contact", "notes"]},
    ),
    ("Contact", {"fields": [("contact_name", "company"), ("company_size", "industry")]}),
    ("Inquiry", {"fields": [("inquiry_type", "inquiry_channel"), "inquiry_text", "inquiry_details"]}),
    ("Qualification", {"fields": [("estimated_value", "priority_score", "qualification_score")]}),
)
_RECORD = [("external_inquiry_id", "data_source"), ("created_at", "updated_at")]
_PLAN = frozenset({"next_action", "next_action_due_date"})
_MADE_HERE = ("external_inquiry_id", "data_source", "created_at", "updated_at")
"""Columns that say where a row comes from: shown, never typed."""


@admin.register(ConsultationInquiry)
class ConsultationInquiryAdmin(InquiryColumns, NewRowDefaults, TableAdmin[ConsultationInquiry]):
    """Inquiries, the most valuable first."""

    external_key = "external_inquiry_id"
    list_display = [
        "contact_cell",
        "company_cell",
        "status",
        "value_cell",
        "next_action_cell",
        "due_date_cell",
        "days_in_stage",
        "type_cell",
        "channel_cell",
        "priority_cell",
    ]
    list_editable = ["status"]
    list_filter = [
        known_values_filter("status", InquiryStatus),
        OpenFilter,
        DueFilter,
        known_values_filter("inquiry_type", InquiryType),
        known_values_filter("inquiry_channel", InquiryChannel),
        ("estimated_value", NumberRangeFilter),
        ("created_at", DayRangeFilter),
        known_values_filter("data_source", DataSource),
    ]
    list_filter_submit = True
    # Counts beside the choices would scan the table once per choice.
    show_facets = admin.ShowFacets.NEVER
    compressed_fields = False
    list_totals = ["estimated_value"]
    search_fields = ["contact_name", "company", "inquiry_text", "inquiry_details", "external_inquiry_id"]
    search_help_text = "Name, company, the words of the inquiry, or its legacy key."
    # As the index has it, or PostgreSQL sorts the whole table.
    ordering = [F("estimated_value").desc(nulls_last=True)]
    autocomplete_fields = ["source_post"]
    readonly_fields = _MADE_HERE
    long_texts = ["inquiry_text", "inquiry_details", "notes"]
    known_values: ClassVar = {"status": InquiryStatus, "inquiry_type": InquiryType, "inquiry_channel": InquiryChannel}
    actions = ["set_status", "set_next_action", "finish_next_action"]
    actions_submit_line = ["mark_done"]

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsultationInquiry]:
        """Return the inquiries, each with the moment it entered its stage."""
        inquiries: Any = super().get_queryset(request)
        staged: QuerySet[ConsultationInquiry] = inquiries.with_stage_since()
        return staged

    def get_fieldsets(self, request: HttpRequest, obj: ConsultationInquiry | None = None) -> Any:  # noqa: ARG002
        """Return the sections; a new inquiry has no record yet."""
        fields = ["source_post"] if obj is None else ["source_post", *_RECORD]
        return (*_SECTIONS, ("Where it came from", {"fields": fields}))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; only what has a next action can be marked as done."""
        row: ConsultationInquiry | None = context["original"]
        if row is None or not (row.next_action or row.next_action_due_date):
            context["actions_submit_line"] = []
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the rest; in the same transaction the next action goes where it was marked as done."""
        super().save_related(request, form, formsets, change)
        if not change or f"{self.opts.app_label}_{self.opts.model_name}_mark_done" not in request.POST:
            return
        if any(field.name in _PLAN for field in form.merged_fields):
            messages.warning(request, next_action_changed_message(form.instance))
        else:
            chosen = ConsultationInquiry.objects.filter(pk=form.instance.pk)
            show_bulk_change_message(
                request, finish_next_action(inquiries=chosen, now=timezone.now()), "next action done"
            )

    @action(description="Save and mark next action done", icon="task_alt", permissions=["change"])  # type: ignore[untyped-decorator]  # the theme brings no types
    def mark_done(self, request: HttpRequest, obj: ConsultationInquiry) -> None:
        """Add the button; save_related does the work, after the form was saved."""

    @admin.action(description="Set status", permissions=["change"])
    def set_status(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask for a status and set it."""
        return run_bulk_action(self, request, queryset, SET_STATUS)

    @admin.action(description="Set next action and due date", permissions=["change"])
    def set_next_action(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask for what is to be done next and set it."""
        return run_bulk_action(self, request, queryset, SET_NEXT_ACTION)

    @admin.action(description="Mark next action done", permissions=["change"])
    def finish_next_action(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask for confirmation and take the next actions away."""
        return run_bulk_action(self, request, queryset, FINISH_NEXT_ACTION)
