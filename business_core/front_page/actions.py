"""The buttons of the front page's queue: finish a next action, or postpone it, without opening its inquiry.

The request is read and answered here; writing is business_core.services'.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from business_core.admin.inquiry_columns import contact_and_company, next_action_changed_message
from business_core.front_page.inquiry_lines import next_action_fingerprint
from business_core.models import ConsultationInquiry
from business_core.services.inquiries import BulkChange, finish_next_action, postpone_next_action

DONE: Final = "done"
POSTPONED_DAYS: Final = {"tomorrow": 1, "week": 7}


@require_POST
def change_next_action(request: HttpRequest) -> HttpResponse:
    """Finish or postpone the next action that the person saw, and go back to the front page."""
    if not admin.site.get_model_admin(ConsultationInquiry).has_change_permission(request):
        raise PermissionDenied
    verb = request.POST.get("verb", "")
    try:
        inquiry = ConsultationInquiry.objects.filter(pk=UUID(request.POST.get("inquiry", ""))).first()
    except ValueError:
        inquiry = None
    if inquiry is None:
        messages.error(request, "That inquiry isn't there any more: somebody deleted it. Nothing was changed.")
    elif verb not in {DONE, *POSTPONED_DAYS}:
        messages.error(request, "Choose done, tomorrow or in a week. Nothing was changed.")
    elif request.POST.get("seen") != next_action_fingerprint(inquiry):
        messages.warning(request, next_action_changed_message(inquiry))
    else:
        change, done_words = _change_unless_stale(inquiry, verb, timezone.now())
        if change.changed:
            undo = format_html('<a href="{}" class="underline">Undo</a>', change.undo)
            messages.success(request, format_html("{}: {}. {}", contact_and_company(inquiry), done_words, undo))
        else:
            reason = "It is due that day already, or somebody has just changed it."
            messages.info(request, f"{contact_and_company(inquiry)}: nothing was changed. {reason}")
    return redirect("admin:index")


def _change_unless_stale(inquiry: ConsultationInquiry, verb: str, now: datetime) -> tuple[BulkChange, str]:
    """Finish or postpone the next action unless it has changed meanwhile; return the change, and a phrase for it."""
    # Between the fingerprint's check and this write somebody may have changed it: the filter decides in the database.
    plan = {name: getattr(inquiry, name) for name in ("next_action", "next_action_due_date")}
    unmoved = ConsultationInquiry.objects.filter(pk=inquiry.pk, **plan)
    if verb == DONE:
        return finish_next_action(inquiries=unmoved, now=now), "next action done"
    day = timezone.localdate(now) + timedelta(days=POSTPONED_DAYS[verb])
    return postpone_next_action(inquiries=unmoved, due_date=day, now=now), f"next action due on {day:%d %b %Y}"
