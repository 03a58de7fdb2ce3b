"""What can be done to a next action without opening its inquiry: done, or another day.

What lives here: reading the request and the answer. What does not: writing (business_core.services).
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from business_core.admin.inquiry_bulk import told
from business_core.models import ConsultationInquiry
from business_core.querysets.inquiries import InquiryQuerySet
from business_core.services.inquiries import finish_next_action, postpone_next_action

DONE: Final = "done"
POSTPONED_DAYS: Final = {"tomorrow": 1, "week": 7}


@require_POST
def change_next_action(request: HttpRequest) -> HttpResponse:
    """Finish or postpone one inquiry's next action, and go back to the front page."""
    if not admin.site.get_model_admin(ConsultationInquiry).has_change_permission(request):
        raise PermissionDenied
    inquiries = _inquiries(request.POST.get("inquiry", ""))
    verb, now = request.POST.get("verb", ""), timezone.now()
    if not inquiries.exists():
        messages.error(request, "That inquiry isn't there any more: somebody deleted it. Nothing was changed.")
    elif verb == DONE:
        told(request, finish_next_action(inquiries=inquiries, now=now), "next action done")
    elif verb in POSTPONED_DAYS:
        day = timezone.localdate(now) + timedelta(days=POSTPONED_DAYS[verb])
        told(request, postpone_next_action(inquiries=inquiries, due_date=day, now=now), f"due on {day:%d %b %Y}")
    else:
        messages.error(request, "Choose done, tomorrow or in a week. Nothing was changed.")
    return redirect("admin:index")


def _inquiries(key: str) -> InquiryQuerySet:
    """Return the inquiry of that key; none for what is no key."""
    try:
        return ConsultationInquiry.objects.filter(pk=UUID(key))
    except ValueError:
        return ConsultationInquiry.objects.none()
