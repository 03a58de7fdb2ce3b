"""The notices' pages: the list, marking as read, which kinds come by mail.

All staff may open them; each person sees the notices whose permission they have, which may be none (querysets.py).
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.preferences import mailed_kinds, save_mailed_kinds
from synapse.kit.notices.querysets import NoticeQuerySet
from synapse.kit.notices.reading import mark_read

NOTICES_PER_PAGE: Final = 25
_SHOWN: Final = {"": "All", "open": "Open", "unread": "Not read", "resolved": "Resolved"}


@require_safe
def notices_view(request: HttpRequest) -> HttpResponse:
    """Show the notices this person is to be told of: the open ones first, the newest of them first."""
    show, kind = request.GET.get("show", ""), request.GET.get("kind", "")
    show, kind = show if show in _SHOWN else "", kind if kind in Kind.values else ""
    notices = _filter_shown(_visible_notices(request), request, show).with_reading(request.user)
    if kind:
        notices = notices.filter(kind=kind)
    ordered = notices.order_by(F("resolved_at").desc(nulls_first=True), "-raised_at", "id")
    page = Paginator(ordered, NOTICES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shown": [(value, words, _list_address(show=value, kind=kind)) for value, words in _SHOWN.items()],
        "show": show,
        "kinds": Kind.choices,
        "kind": kind,
        "here": _list_address(show=show, kind=kind, page=page.number if page.number > 1 else ""),
        "turn": urlencode({"show": show, "kind": kind}),
        "has_unread": _visible_notices(request).open().unread_by(request.user).exists(),
        # "Mark all as read" spares what is raised while the page is being read.
        "until": timezone.now().isoformat(),
    }
    return _render_page(request, "synapse/kit/notices/list.html", "Notices", context)


@require_POST
def mark_read_view(request: HttpRequest) -> HttpResponse:
    """Mark a notice as read, or all the open ones that the page showed when it was made."""
    until = _parse_time(request.POST.get("until", ""))
    if until is not None:
        count = mark_read(
            _visible_notices(request).open().filter(raised_at__lte=until),
            person=_require_person(request),
            now=timezone.now(),
        )
        messages.success(request, "1 notice marked as read." if count == 1 else f"{count} notices marked as read.")
    elif (notice := _find_notice(request.POST.get("notice", ""))) is None:
        messages.error(request, "That notice isn't there any more. Nothing was changed.")
    elif not _visible_notices(request).filter(pk=notice.pk).exists():
        raise PermissionDenied
    else:
        mark_read(Notice.objects.filter(pk=notice.pk), person=_require_person(request), now=timezone.now())
    # Only the list, as the person had it filtered: any other address would be an open redirect.
    back, here = request.POST.get("back", ""), reverse("notices:list")
    return redirect(back if back.startswith(f"{here}?") else here)


@require_http_methods(["GET", "HEAD", "POST"])
def mail_preferences_view(request: HttpRequest) -> HttpResponse:
    """Show which kinds come to this person by mail (GET), or change that (POST)."""
    if request.method == "POST":
        save_mailed_kinds(_require_person(request), kinds=request.POST.getlist("kind"))
        messages.success(request, "Saved. It holds from the next mail on.")
        return redirect("notices:mine")
    chosen = mailed_kinds(_require_person(request))
    context = {
        "kinds": [(value, label, value in chosen) for value, label in Kind.choices],
        "address": _require_person(request).email,
    }
    return _render_page(request, "synapse/kit/notices/mine.html", "My notices", context)


def _filter_shown(notices: NoticeQuerySet, request: HttpRequest, show: str) -> NoticeQuerySet:
    if show == "open":
        return notices.open()
    if show == "unread":
        return notices.open().unread_by(request.user)
    return notices.exclude(resolved_at=None) if show == "resolved" else notices


def _visible_notices(request: HttpRequest) -> NoticeQuerySet:
    return Notice.objects.using(BUSINESS_CORE).for_person(request.user)


def _require_person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _find_notice(key: str) -> Notice | None:
    """Return the notice with that key; None where there is none or the text is no key."""
    try:
        return Notice.objects.using(BUSINESS_CORE).filter(pk=UUID(key)).first()
    except ValueError:
        return None


def _parse_time(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _list_address(**query: str | int) -> str:
    """Return the list's URL with its filters; empty ones are left out."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return reverse("notices:list") + (f"?{asked}" if asked else "")


def _render_page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})
