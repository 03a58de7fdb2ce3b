"""Filters of the list of inquiries.

What lives here: those no other list has. What does not: the questions they ask (querysets).
"""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from business_core.querysets.inquiries import InquiryQuerySet


class OpenFilter(admin.SimpleListFilter):
    """Open inquiries, or closed ones."""

    title = "open or closed"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return the choices."""
        return [("yes", "Open"), ("no", "Closed: won or lost")]

    def queryset(self, request: HttpRequest, queryset: InquiryQuerySet) -> InquiryQuerySet:  # type: ignore[override]  # noqa: ARG002
        """Return the chosen ones."""
        return {"yes": queryset.open, "no": queryset.closed}.get(str(self.value()), queryset.all)()


class DueFilter(admin.SimpleListFilter):
    """Open inquiries by the day their next action is due."""

    title = "next action"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return the choices."""
        return [("overdue", "Overdue"), ("today", "Due today"), ("week", "Due in 7 days"), ("none", "Nothing planned")]

    def queryset(self, request: HttpRequest, queryset: InquiryQuerySet) -> InquiryQuerySet:  # type: ignore[override]  # noqa: ARG002
        """Return the chosen ones, by the reader's clock."""
        today = timezone.localdate()
        match self.value():
            case "overdue":
                return queryset.overdue(today)
            case "today":
                return queryset.due_between(today)
            case "week":
                return queryset.due_between(today, today + timedelta(days=7))
            case "none":
                return queryset.without_next_action()
        return queryset
