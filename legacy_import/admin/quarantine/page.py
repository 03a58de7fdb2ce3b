"""The quarantine desk: what waits, grouped by what was expected; rows to fix, archive or try again; what was decided.

Here are requests and permissions. groups, rows and decisions hold the queries, actions what a POST does, page_contexts
and page_values what the templates show.
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
from legacy_import.admin.database_page import parse_row_key
from legacy_import.admin.ledger_row import KeptRowsPage
from legacy_import.admin.quarantine.actions import (
    Request,
    Result,
    settle_group,
    settle_rows,
    withdraw_decisions,
    withdraw_step_decisions,
)
from legacy_import.admin.quarantine.form import SettleForm
from legacy_import.admin.quarantine.groups import GroupKey, count_group_rows
from legacy_import.admin.quarantine.page_contexts import (
    Desk,
    Sent,
    decisions_context,
    desk_context,
    group_context,
    preview_context,
    quarantined_row_context,
    read_group_page,
    step_context,
)
from legacy_import.admin.quarantine.page_values import group_query_string, report_result, report_withdrawal
from legacy_import.admin.quarantine.preview_text import format_row_count
from legacy_import.admin.quarantine.rows import HeldRow, read_rows_by_id
from legacy_import.admin.quarantine.steps import read_held_decision_ids
from legacy_import.models import LedgerRow

_NAMES: Final = ("source", "table", "column", "expected")
_PAGE_NUMBER: Final = re.compile(r"0*[1-9][0-9]{0,6}", re.ASCII)
_MAX_SHOWN_REFUSED: Final = 50


@admin.register(models.BusinessCoreQuarantinedRow, models.AnalyticsQuarantinedRow, models.RevenueQuarantinedRow)
class QuarantineAdmin(KeptRowsPage):
    """Rows that could not land, and what people decide about them."""

    state: ClassVar[LedgerRow.State | None] = LedgerRow.State.QUARANTINED
    list_display = ["key_text", "source", "legacy_table", "reasons_list"]

    def get_urls(self) -> list[URLPattern]:
        """Return the desk's addresses before those of a list of rows."""
        view = self.admin_site.admin_view
        desk = [
            path("", view(self.changelist_view), name=self._url_name("changelist")),
            path("group/", view(self.group_view), name=self._url_name("group")),
            path("settled/", view(self.decisions_view), name=self._url_name("settled")),
            path("withdraw/", view(self.withdraw_view), name=self._url_name("withdraw")),
            path("rows/", view(self.rows_view), name=self._url_name("rows")),
            path("<path:object_id>/settle/", view(self.settle_view), name=self._url_name("settle")),
        ]
        return [*desk, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the groups of what waits."""
        self._require_view_permission(request)
        page = desk_context(self._desk_of_database, source=request.GET.get("source", ""))
        return self._render_page(request, "quarantine", page, extra_context)

    def rows_view(self, request: HttpRequest) -> HttpResponse:
        """Show all waiting rows as a list to search."""
        return super().changelist_view(request, {"title": "All quarantined rows"})

    def group_view(self, request: HttpRequest) -> HttpResponse:
        """Show a group's rows, or do with them what was asked for."""
        self._require_view_permission(request)
        source, table, column, expected = (request.GET.get(name, "") for name in _NAMES)
        # The texts of the ledger hold no NUL.
        if "\0" in source + table + column + expected:
            raise Http404
        group = GroupKey(source, table, column, expected)
        if request.method == "POST":
            return self._handle_group_post(request, group)
        number = _page_number(request)
        return self._render_group(request, group, read_group_page(self._desk_of_database, group, number), number=number)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  # Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Show one row, waiting or settled; what changes it has an address of its own."""
        self._require_view_permission(request)
        if request.method == "POST":
            raise PermissionDenied
        return self._render_row(request, object_id)

    def settle_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Do with one row what was asked for."""
        self._require_view_permission(request)
        key = parse_row_key(object_id)
        if request.method != "POST" or key is None:
            return redirect(self.page_url("change", object_id))
        form = SettleForm.from_post(request.POST)
        result = settle_rows(self._authorized_request(request, form), read_rows_by_id(self.alias, [key]))
        report_result(request, form.verb, result, alias=self.alias)
        if result.is_clean or result.meanwhile:
            return redirect(self.page_url("change", object_id))
        return self._render_row(request, object_id, Sent(form, result))

    def decisions_view(self, request: HttpRequest) -> HttpResponse:
        """Show what was decided, a line for each step, the latest first; or the decisions of one step."""
        self._require_view_permission(request)
        step, number = parse_row_key(request.GET.get("step", "")), _page_number(request)
        desk = self._desk_of_database
        page = step_context(desk, step, number) if step else decisions_context(desk, number)
        return self._render_page(request, "quarantine_settled", page)

    def withdraw_view(self, request: HttpRequest) -> HttpResponse:
        """Take a decision back, or all of a step, and return to the page it was taken back on."""
        self._require_view_permission(request)
        back = parse_row_key(request.POST.get("back", ""))
        page = self.page_url("change", back) if back else self.page_url("settled")
        if request.method == "POST":
            asked = self._authorized_request(request, SettleForm())
            chosen = [key for key in map(parse_row_key, map(str, request.POST.getlist("decision"))) if key]
            step = parse_row_key(request.POST.get("step", ""))
            if step:
                result = withdraw_step_decisions(asked, read_held_decision_ids(self.alias, step))
            else:
                result = withdraw_decisions(asked, chosen)
            report_withdrawal(request, result)
        return redirect(page)

    def page_url(self, kind: str, *arguments: object, query: str = "") -> str:
        """Return the address of one of the desk's pages."""
        return reverse(f"admin:{self._url_name(kind)}", args=arguments) + (f"?{query}" if query else "")

    @property
    def _desk_of_database(self) -> Desk:
        return Desk(self.alias, self.page_url)

    def _url_name(self, kind: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{kind}"

    def _handle_group_post(self, request: HttpRequest, group: GroupKey) -> HttpResponse:
        form = SettleForm.from_post(request.POST)
        asked = self._authorized_request(request, form)
        # Ticking all shown rows is a request of its own: the page works without JavaScript.
        if form.verb == "tick":
            form = replace(form, ticked=frozenset(form.seen))
        if form.verb in {"tick", "back"}:
            return self._render_group(request, group, self._waiting_rows(form), sent=Sent(form))
        if form.takes_all:
            result = settle_group(asked, group)
        else:
            result = settle_rows(asked, read_rows_by_id(self.alias, list(form.ticked)), group=group)
        if result.preview:
            page = preview_context(self._desk_of_database, group, form, result.preview)
            return self._render_page(request, "quarantine_preview", {**page, "fields": _fields_to_keep(request)})
        report_result(request, form.verb, result, alias=self.alias)
        remain = count_group_rows(self.alias, group)
        if form.takes_all and result.settled and remain > len(result.refusals):
            # A step took as many rows as it may: the next one is offered with what was typed.
            messages.info(request, f"{format_row_count(remain)} of the group still wait: preview the next step.")
            rest = read_group_page(self._desk_of_database, group, 1)
            return self._render_group(request, group, rest, sent=Sent(replace(form, is_confirmed=False)))
        rows = self._waiting_rows(form, result)
        if result.is_clean or not rows:
            group_address = self.page_url("group", query=group_query_string(group))
            return redirect(group_address if remain else self.page_url("changelist"))
        return self._render_group(request, group, rows, sent=Sent(form, result))

    def _waiting_rows(self, form: SettleForm, result: Result | None = None) -> list[HeldRow]:
        """Return the rows that the page showed, or that were refused though it didn't show them, and that wait on."""
        refused = [key for key in result.refusals if key not in form.seen] if result else []
        shown = [*form.seen, *refused[:_MAX_SHOWN_REFUSED]]
        return [row for row in read_rows_by_id(self.alias, shown) if row.is_waiting]

    def _render_group(self, request: HttpRequest, group: GroupKey, rows: list[HeldRow], **more: Any) -> HttpResponse:
        return self._render_page(
            request, "quarantine_group", group_context(self._desk_of_database, group, rows, **more)
        )

    def _render_row(self, request: HttpRequest, object_id: str, sent: Sent | None = None) -> HttpResponse:
        key = parse_row_key(object_id)
        page = quarantined_row_context(self._desk_of_database, key, sent or Sent()) if key else None
        if page is None:
            messages.warning(request, "The quarantine has no such row, and nothing was ever decided about one.")
            return redirect(self.page_url("changelist"))
        return self._render_page(request, "quarantine_row", page)

    def _render_page(
        self, request: HttpRequest, template: str, page: dict[str, Any], extra: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "may_settle": _may_settle(request),
            "desk": self.page_url("changelist"),
            "settled_page": self.page_url("settled"),
            "rows_page": self.page_url("rows"),
            "withdraw": self.page_url("withdraw"),
            "row_page": f"admin:{self._url_name('change')}",
            **page,
            **(extra or {}),
        }
        return TemplateResponse(request, f"admin/legacy_import/{template}.html", context)

    def _authorized_request(self, request: HttpRequest, form: SettleForm) -> Request:
        """Return what is asked for, by a person who may."""
        if not _may_settle(request):
            raise PermissionDenied
        return Request(self.alias, form, request.user.get_username())

    def _require_view_permission(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _fields_to_keep(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of the sent page that the preview sends on."""
    left_out = {"csrfmiddlewaretoken", "verb", "confirmed"}
    return [(name, str(value)) for name, values in request.POST.lists() if name not in left_out for value in values]


def _may_settle(request: HttpRequest) -> bool:
    return request.user.has_perm("legacy_import.settle_quarantine")


def _page_number(request: HttpRequest) -> int:
    typed = request.GET.get("p", "")
    return int(typed) if _PAGE_NUMBER.fullmatch(typed) else 1
