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

from synapse.foundation.databases import BUSINESS_CORE


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the sidebar. `page` names an address, `models` are the admin's models of which one must be viewable.

    A page that is no model's names its `permission` instead.
    """

    title: str
    icon: str
    page: str
    models: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    is_per_database: bool = False
    permission: str = ""


DATABASES: Final = (("businesscore", "Business core"), ("analytics", "Analytics"), ("revenue", "Revenue"))
"""How the models that stand in all three databases begin, and the word for each database."""


def _list(title: str, icon: str, model: str) -> Entry:
    return Entry(title, icon, f"admin:{model.replace('.', '_')}_changelist", (model,))


def _per_database(title: str, icon: str, model: str) -> Entry:
    """Return the entry of a model that stands in each database: the first one's page, which has tabs to the others."""
    app, name = model.split(".")
    models = tuple(f"{app}.{database}{name}" for database, _ in DATABASES)
    return Entry(title, icon, f"admin:{models[0].replace('.', '_')}_changelist", models, is_per_database=True)


ANALYTICS_SECTIONS: Final = (
    "analytics.topperformingpattern",
    "analytics.performanceprediction",
    "analytics.attributiontracking",
    "analytics.contentanalysis",
)
REVENUE_SECTIONS: Final = (
    "revenue.revenueopportunity",
    "revenue.revenuepipelinesummary",
    "revenue.platformadaptation",
    "revenue.contentrecommendation",
    "revenue.abtest",
)
"""The dashboards' sections, each shown to who may view its model."""

_LOGGED: Final = ("business_core.consultationinquiry", "business_core.post", "business_core.businesspipeline")

GROUPS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (
        "",
        (
            Entry("Today", "today", "admin:index", ()),
            Entry("Notices", "notifications", "notices:list", ()),
        ),
    ),
    (
        "Pipeline",
        (
            Entry("In numbers", "monitoring", "dashboard-business-core", ("business_core.consultationinquiry",)),
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
            Entry("Sample size", "calculate", "ab-calculator", ("revenue.abtest",)),
            Entry("Glossary", "menu_book", "ab-glossary", ("revenue.abtest",)),
        ),
    ),
    (
        "Revenue",
        (
            Entry("In numbers", "monitoring", "dashboard-revenue", REVENUE_SECTIONS),
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
            Entry("In numbers", "monitoring", "dashboard-analytics", ANALYTICS_SECTIONS),
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
            Entry("In numbers", "monitoring", "dashboard-consolidation", ("legacy_import.importsource",)),
            _list("Sources", "database", "legacy_import.importsource"),
            _per_database("Quarantine", "emergency_home", "legacy_import.quarantinedrow"),
            _per_database("Divergences", "fork_right", "legacy_import.divergence"),
            _per_database("Import runs", "history", "legacy_import.run"),
            _list("Validations", "fact_check", "legacy_import.validationrun"),
            _list("Archived tables", "inventory_2", "legacy_import.archivedtable"),
            _per_database("Archived rows", "archive", "legacy_import.archivedrow"),
            _per_database("Ledger", "receipt_long", "legacy_import.ledgerrow"),
            _per_database("Legacy files", "folder_open", "legacy_import.legacyfile"),
            _per_database("Changes", "manage_history", "change_log.change"),
            Entry("Recently deleted", "restore_from_trash", "changes:deleted", _LOGGED, (BUSINESS_CORE,)),
        ),
    ),
    (
        "Jobs",
        (
            # The queue's own lists of messages are linked from there: they tell an operator little.
            Entry("Operations", "monitor_heart", "operations:console", (), permission="job_base.view_jobrun"),
            _list("Schedules", "schedule", "django_q.schedule"),
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


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the tabs between the databases, on the lists and on the rows' pages, as the theme wants them."""
    entries = [entry for _, group in GROUPS for entry in group if entry.is_per_database]
    return [_tab(request, entry) for entry in entries]


def _tab(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    places = zip(entry.models, DATABASES, strict=True)
    items = [{"title": words, "link": _changelist(model)} for model, (_, words) in places if _may_view(request, model)]
    return {
        "models": [*entry.models, *({"name": model, "detail": True} for model in entry.models)],
        "items": items if len(items) > 1 else [],
    }


def _changelist(model: str) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


def _item(entry: Entry) -> dict[str, Any]:
    return {"title": entry.title, "icon": entry.icon, "link": reverse(entry.page, args=entry.arguments)}


def _may_open(request: HttpRequest, entry: Entry) -> bool:
    if entry.permission:
        return request.user.has_perm(entry.permission)
    return not entry.models or any(_may_view(request, model) for model in entry.models)


def _may_view(request: HttpRequest, label: str) -> bool:
    page = admin.site.get_model_admin(apps.get_model(label))
    return page.has_view_permission(request)
