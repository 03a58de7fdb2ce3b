"""Changing many inquiries at once: a page that names the rows and asks what to set, then one undoable change.

Between page and confirmation anybody may change the rows, so the page carries a fingerprint of what was seen
(optimistic concurrency); services.inquiries refuses a change of other rows, and the page is shown again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from business_core.admin.bulk_edit_conflicts import describe_changed_rows, describe_inquiry, digest_row
from business_core.models import InquiryStatus
from business_core.querysets.inquiries import InquiryQuerySet
from business_core.services.inquiries import (
    BulkChange,
    StaleSelectionError,
    change_status,
    finish_next_action,
    set_next_action,
)

_MAX_NAMED = 10
"""So many rows are named on the page, the rest are counted: a selection across pages may be a million."""


class StatusForm(forms.Form):
    """Asks for the status to set."""

    status = forms.ChoiceField(
        label="Set the status to",
        choices=[("", "Choose a status"), *InquiryStatus.choices],
        widget=UnfoldAdminSelectWidget(),
    )


class NextActionForm(forms.Form):
    """Asks for what is to be done next."""

    next_action = forms.CharField(label="Next action", max_length=1000, widget=UnfoldAdminTextInputWidget())
    due_date = forms.DateField(label="Due", required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}))


class NothingToAskForm(forms.Form):
    """Asks for nothing but the confirmation."""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A change of many rows. `message` says what was done; the number of rows is put before it."""

    action: str
    title: str
    form: type[forms.Form]
    rows: Callable[[InquiryQuerySet], InquiryQuerySet]
    left_out: str
    run: Callable[[InquiryQuerySet, dict[str, Any], str], BulkChange]
    message: Callable[[dict[str, Any]], str]


SET_STATUS = BulkAction(
    "set_status",
    "Set the status of inquiries",
    StatusForm,
    InquiryQuerySet.open,
    "closed and stay as they are",
    lambda rows, asked, seen: change_status(inquiries=rows, **asked, now=timezone.now(), seen=seen),
    lambda asked: f"set to {InquiryStatus(asked['status']).label}",
)
SET_NEXT_ACTION = BulkAction(
    "set_next_action",
    "Set the next action of inquiries",
    NextActionForm,
    InquiryQuerySet.open,
    "closed and stay as they are",
    lambda rows, asked, seen: set_next_action(inquiries=rows, **asked, now=timezone.now(), seen=seen),
    lambda asked: f"next action: {asked['next_action']}",
)
FINISH_NEXT_ACTION = BulkAction(
    "finish_next_action",
    "Mark next actions as done",
    NothingToAskForm,
    InquiryQuerySet.with_next_action,
    "without a next action and stay as they are",
    lambda rows, _, seen: finish_next_action(inquiries=rows, now=timezone.now(), seen=seen),
    lambda _: "next action done",
)


def run_bulk_action(
    page: "admin.ModelAdmin[Any]", request: HttpRequest, chosen: Any, verb: BulkAction
) -> HttpResponse | None:
    """Ask what to set, and set it once that is answered for the very rows that were shown, as they were shown."""
    rows: InquiryQuerySet = verb.rows(chosen.order_by())
    asked = "apply" in request.POST
    form = verb.form(request.POST if asked else None)
    moved = False
    if asked and form.is_valid():
        try:
            # Who sends no fingerprint has seen nothing: no row's fingerprint is a dash.
            change = verb.run(rows, form.cleaned_data, request.POST.get("seen") or "-")
        except StaleSelectionError:
            moved = True
        else:
            show_bulk_change_message(request, change, verb.message(form.cleaned_data))
            return None
    return _confirmation_page(page, request, verb, {"form": form, "moved": moved, "rows": rows, "chosen": chosen})


def show_bulk_change_message(request: HttpRequest, change: BulkChange, what: str) -> None:
    """Tell the person what was changed, and where it can be undone."""
    if not change.changed:
        messages.info(request, "Nothing to change: the inquiries were like that already.")
        return
    many = f"{change.changed:,} inquir{'y' if change.changed == 1 else 'ies'}"
    messages.success(
        request, format_html('{} changed, {}. <a href="{}" class="underline">Undo</a>', many, what, change.undo)
    )


def _confirmation_page(
    page: "admin.ModelAdmin[Any]", request: HttpRequest, verb: BulkAction, found: dict[str, Any]
) -> HttpResponse:
    across = request.POST.get("select_across") == "1"
    keys = request.POST.getlist(ACTION_CHECKBOX_NAME)
    rows: InquiryQuerySet = found["rows"]
    # Before the rows are named: what changes in between is noticed, not taken for seen.
    seen, count = rows.fingerprint(), rows.count()
    named = list(rows.order_by("contact_name", "pk")[:_MAX_NAMED])
    context = page.admin_site.each_context(request) | {
        "title": verb.title,
        "opts": page.model._meta,
        "verb": verb,
        "form": found["form"],
        "moved": found["moved"],
        "changes": describe_changed_rows(request.POST, rows) if found["moved"] else [],
        "seen": seen,
        "count": count,
        "left": found["chosen"].order_by().count() - count,
        "named": [describe_inquiry(inquiry) for inquiry in named],
        "carried": [digest_row(inquiry) for inquiry in named],
        "more": max(count - _MAX_NAMED, 0),
        "across": int(across),
        # Django wants to see one key even where the whole list is meant.
        "keys": keys[:1] if across else keys,
        "checkbox": ACTION_CHECKBOX_NAME,
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "business_core/bulk_change.html", context)
