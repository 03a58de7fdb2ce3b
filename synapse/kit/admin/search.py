"""The search: pages by their names, and rows of business tables by what their own lists search.

Called by the admin site's search page and its Ctrl+K (site.py).
"""

from typing import Any, Final

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from synapse.foundation.text.visible import visible
from synapse.kit.admin.editable import TableAdmin

MAX_ROWS_PER_TABLE: Final = 20
_MIN_TERM_LENGTH_FOR_ROWS: Final = 3
"""Fewer letters fit nearly every row, and no trigram index helps to find them."""
_MAX_TITLE_LENGTH: Final = 120
_BUSINESS_FIRST: Final = ("business_core", "revenue", "analytics")

AppList = list[dict[str, Any]]


def find_pages(apps: AppList, term: str) -> list[SearchResult]:
    """Return the lists whose name, or whose app's name, holds the term; those a person can't open are left out."""
    sought = term.casefold()
    return [
        SearchResult(title=str(one["name"]), description=app["name"], link=one["admin_url"], icon="tag")
        for app in apps
        for one in app["models"]
        if one.get("admin_url") and (sought in str(app["name"]).casefold() or sought in str(one["name"]).casefold())
    ]


def find_rows(site: AdminSite, request: HttpRequest, apps: AppList, term: str) -> list[SearchResult]:
    """Return the first rows of each business table that the person may look at.

    What only looks on (ledgers, logs, views, jobs) has its own lists; it is long, and found there by key.
    """
    if len(term) < _MIN_TERM_LENGTH_FOR_ROWS:
        return []
    pages = [site.get_model_admin(one["model"]) for app in apps for one in app["models"]]
    tables = [page for page in pages if isinstance(page, TableAdmin) and page.has_view_permission(request)]
    order = {label: place for place, label in enumerate(_BUSINESS_FIRST)}
    tables.sort(key=lambda page: order.get(page.opts.app_label, len(order)))
    return [hit for page in tables for hit in _find_table_rows(page, request, term)]


def _find_table_rows(page: "ModelAdmin[Any]", request: HttpRequest, term: str) -> list[SearchResult]:
    if not page.get_search_fields(request):
        return []
    rows, may_repeat = page.get_search_results(request, page.get_queryset(request), term)
    related = page.get_list_select_related(request)
    if isinstance(related, list | tuple) and related:
        rows = rows.select_related(*related)
    found = (rows.distinct() if may_repeat else rows)[:MAX_ROWS_PER_TABLE]
    name = f"{page.admin_site.name}:{page.opts.app_label}_{page.opts.model_name}_change"
    return [
        SearchResult(
            title=visible(str(row))[:_MAX_TITLE_LENGTH],
            description=f"{page.opts.app_config.verbose_name}: {page.opts.verbose_name}",
            link=reverse(name, args=[row.pk]),
            icon="data_object",
        )
        for row in found
    ]
