"""The sidebar: every way into the admin, in the order of a working day.

What lives here: groups, words and icons. What does not: who may go there; each page's own permission decides, and an
entry whose page a person may not see is not shown to that person.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the sidebar. `page` names an address, `models` are the admin's models of which one must be viewable."""

    title: str
    icon: str
    page: str
    models: tuple[str, ...]


def _list(title: str, icon: str, model: str) -> Entry:
    return Entry(title, icon, f"admin:{model.replace('.', '_')}_changelist", (model,))


GROUPS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (
        "",
        (Entry("Today", "today", "admin:index", ()),),
    ),
    (
        "Pipeline",
        (
            _list("Inquiries", "person_raised_hand", "business_core.consultationinquiry"),
            _list("Posts", "article", "business_core.post"),
            _list("Months", "calendar_month", "business_core.businesspipeline"),
            _list("Last 30 days", "avg_pace", "business_core.currentpipelinesummary"),
        ),
    ),
    (
        "Experiments",
        (
            _list("A/B tests", "science", "revenue.abtest"),
            _list("Variants", "call_split", "revenue.abtestvariant"),
        ),
    ),
    (
        "Revenue",
        (
            _list("Opportunities", "payments", "revenue.revenueopportunity"),
            _list("By segment", "donut_small", "revenue.revenuepipelinesummary"),
            _list("Recommendations", "lightbulb", "revenue.contentrecommendation"),
            _list("Content pieces", "description", "revenue.contentpiece"),
            _list("Adaptations", "share", "revenue.platformadaptation"),
        ),
    ),
    (
        "Analytics",
        (
            _list("Top patterns", "trophy", "analytics.topperformingpattern"),
            _list("Patterns", "insights", "analytics.contentpattern"),
            _list("Predictions", "query_stats", "analytics.performanceprediction"),
            _list("Content analyses", "text_snippet", "analytics.contentanalysis"),
            _list("Attribution", "conversion_path", "analytics.attributiontracking"),
        ),
    ),
    (
        "Consolidation",
        (
            _list("Sources", "database", "legacy_import.importsource"),
            _list("Archived tables", "inventory_2", "legacy_import.archivedtable"),
        ),
    ),
    (
        "People",
        (
            _list("Users", "person", "auth.user"),
            _list("Roles", "group", "auth.group"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the sidebar with the entries this person may open, as the theme wants them."""
    groups = ((title, [_item(entry) for entry in entries if _may_open(request, entry)]) for title, entries in GROUPS)
    return [{"title": title, "separator": bool(title), "items": items} for title, items in groups if items]


def _item(entry: Entry) -> dict[str, Any]:
    return {"title": entry.title, "icon": entry.icon, "link": reverse(entry.page)}


def _may_open(request: HttpRequest, entry: Entry) -> bool:
    return not entry.models or any(_may_view(request, model) for model in entry.models)


def _may_view(request: HttpRequest, label: str) -> bool:
    page = admin.site.get_model_admin(apps.get_model(label))
    return page.has_view_permission(request)
