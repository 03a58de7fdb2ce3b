"""The quarantine desk: what waits, grouped by what was expected; rows to fix, archive or try again; what was decided.

What lives here: requests and permissions. What does not: queries (groups, rows,
decisions), what is done (verbs), the pages' words and values (views,
pages).
"""

import re
from dataclasses import replace
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from legacy_import import models
from legacy_import.admin.database_page import row_key
from legacy_import.admin.ledger_row import KeptRowsPage
from legacy_import.admin.quarantine.actions import Request, Result, settle_group, settle_rows, take_back
from legacy_import.admin.quarantine.form import SettleForm
from legacy_import.admin.quarantine.groups import GroupKey, count_rows
from legacy_import.admin.quarantine.pages import (
    Desk,
    Sent,
    decisions_page,
    desk_page,
    group_page,
    row_page,
    rows_of_page,
)
from legacy_import.admin.quarantine.rows import HeldRow, read_rows
from legacy_import.admin.quarantine.views import group_query, say, say_withdrawn
from legacy_import.models import LedgerRow

_NAMES: Final = ("source", "table", "column", "expected")
_PAGE_NUMBER: Final = re.compile(r"0*[1-9][0-9]{0,6}", re.ASCII)
_MOST_SHOWN_REFUSED: Final = 50


@admin.register(models.BusinessCoreQuarantinedRow, models.AnalyticsQuarantinedRow, models.RevenueQuarantinedRow)
class QuarantineAdmin(KeptRowsPage):
    """Rows that could not land, and what people decide about them."""

    state: ClassVar[LedgerRow.State | None] = LedgerRow.State.QUARANTINED
    list_display = ["shown_key", "source", "legacy_table", "why"]

    def get_urls(self) -> list[URLPattern]:
        """Return the desk's addresses before those of a list of rows."""
        view = self.admin_site.admin_view
        desk = [
            path("", view(self.changelist_view), name=self._name("changelist")),
            path("group/", view(self.group_view), name=self._name("group")),
            path("settled/", view(self.settled_view), name=self._name("settled")),
            path("withdraw/", view(self.withdraw_view), name=self._name("withdraw")),
            path("rows/", view(self.rows_view), name=self._name("rows")),
            path("<path:object_id>/settle/", view(self.settle_view), name=self._name("settle")),
        ]
        return [*desk, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the groups of what waits."""
        self._demand_view(request)
        page = desk_page(self._desk, source=request.GET.get("source", ""))
        return self._page(request, "quarantine", page, extra_context)

    def rows_view(self, request: HttpRequest) -> HttpResponse:
        """Show all waiting rows as a list to search."""
        return super().changelist_view(request, {"title": "All quarantined rows"})

    def group_view(self, request: HttpRequest) -> HttpResponse:
        """Show a group's rows, or do with them what was asked for."""
        self._demand_view(request)
        group = _group(request)
        if request.method == "POST":
            return self._settle_of_group(request, group)
        number = _page_number(request)
        return self._group_page(request, group, rows_of_page(self._desk, group, number), number=number)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  # Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Show one row, waiting or settled; what changes it has an address of its own."""
        self._demand_view(request)
        if request.method == "POST":
            raise PermissionDenied
        return self._row_page(request, object_id)

    def settle_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Do with one row what was asked for."""
        self._demand_view(request)
        key = row_key(object_id)
        if request.method != "POST" or key is None:
            return redirect(self.address("change", object_id))
        form = SettleForm.of(request.POST)
        result = settle_rows(self._request(request, form), read_rows(self.alias, [key]))
        say(request, form.verb, result, alias=self.alias)
        if result.is_clean or result.meanwhile:
            return redirect(self.address("change", object_id))
        return self._row_page(request, object_id, Sent(form, result))

    def settled_view(self, request: HttpRequest) -> HttpResponse:
        """Show what was decided, the latest first."""
        self._demand_view(request)
        return self._page(request, "quarantine_settled", decisions_page(self._desk, _page_number(request)))

    def withdraw_view(self, request: HttpRequest) -> HttpResponse:
        """Take a decision back, and return to the page it was taken back on."""
        self._demand_view(request)
        back = row_key(request.POST.get("back", ""))
        page = self.address("change", back) if back else self.address("settled")
        if request.method == "POST":
            asked = self._request(request, SettleForm())
            chosen = [key for key in map(row_key, map(str, request.POST.getlist("decision"))) if key]
            say_withdrawn(request, take_back(asked, chosen))
        return redirect(page)

    def address(self, kind: str, *arguments: object, query: str = "") -> str:
        """Return the address of one of the desk's pages."""
        return reverse(f"admin:{self._name(kind)}", args=arguments) + (f"?{query}" if query else "")

    @property
    def _desk(self) -> Desk:
        return Desk(self.alias, self.address)

    def _name(self, kind: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{kind}"

    def _settle_of_group(self, request: HttpRequest, group: GroupKey) -> HttpResponse:
        form = SettleForm.of(request.POST)
        asked = self._request(request, form)
        if form.verb == "tick":
            form = replace(form, ticked=frozenset(form.seen))
            return self._group_page(request, group, self._waiting(form), sent=Sent(form))
        if form.takes_all:
            result = settle_group(asked, group)
        else:
            result = settle_rows(asked, read_rows(self.alias, list(form.ticked)), group=group)
        say(request, form.verb, result, alias=self.alias)
        rows = self._waiting(form, result)
        if result.is_clean or not rows:
            remain = count_rows(self.alias, group)
            return redirect(self._group_address(group) if remain else self.address("changelist"))
        return self._group_page(request, group, rows, sent=Sent(form, result))

    def _waiting(self, form: SettleForm, result: Result | None = None) -> list[HeldRow]:
        """Return the rows that the page showed, or that were refused though it didn't show them, and that wait on."""
        refused = [key for key in result.refusals if key not in form.seen] if result else []
        shown = [*form.seen, *refused[:_MOST_SHOWN_REFUSED]]
        return [row for row in read_rows(self.alias, shown) if row.waits]

    def _group_page(self, request: HttpRequest, group: GroupKey, rows: list[HeldRow], **more: Any) -> HttpResponse:
        return self._page(request, "quarantine_group", group_page(self._desk, group, rows, **more))

    def _row_page(self, request: HttpRequest, object_id: str, sent: Sent | None = None) -> HttpResponse:
        key = row_key(object_id)
        page = row_page(self._desk, key, sent or Sent()) if key else None
        if page is None:
            messages.warning(request, "The quarantine has no such row, and nothing was ever decided about one.")
            return redirect(self.address("changelist"))
        return self._page(request, "quarantine_row", page)

    def _page(
        self, request: HttpRequest, template: str, page: dict[str, Any], extra: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "may_settle": _may_settle(request),
            "desk": self.address("changelist"),
            "settled_page": self.address("settled"),
            "rows_page": self.address("rows"),
            "withdraw": self.address("withdraw"),
            "row_page": f"admin:{self._name('change')}",
            **page,
            **(extra or {}),
        }
        return TemplateResponse(request, f"admin/legacy_import/{template}.html", context)

    def _request(self, request: HttpRequest, form: SettleForm) -> Request:
        """Return what is asked for, by a person who may."""
        if not _may_settle(request):
            raise PermissionDenied
        return Request(self.alias, form, request.user.get_username())

    def _demand_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _group_address(self, group: GroupKey) -> str:
        return self.address("group", query=group_query(group))


def _may_settle(request: HttpRequest) -> bool:
    return request.user.has_perm("legacy_import.settle_quarantine")


def _group(request: HttpRequest) -> GroupKey:
    """Return the group that the address names; the texts of the ledger hold no NUL."""
    source, table, column, expected = (request.GET.get(name, "") for name in _NAMES)
    if "\0" in source + table + column + expected:
        raise Http404
    return GroupKey(source, table, column, expected)


def _page_number(request: HttpRequest) -> int:
    typed = request.GET.get("p", "")
    return int(typed) if _PAGE_NUMBER.fullmatch(typed) else 1
