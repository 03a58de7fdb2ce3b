"""The sidebar: every way into the admin, in the order of a working day, and the tabs between the databases.

It names the apps' models by their labels and imports none of them. An entry is shown to the people whom its page's own
permission lets in.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.admin.permissions import changelist_address, may_view


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

    def may_be_opened(self, request: HttpRequest) -> bool:
        """Say whether the person may open the page: has its permission, or may view one of its models."""
        if self.permission:
            return request.user.has_perm(self.permission)
        return not self.models or any(may_view(request, apps.get_model(label)) for label in self.models)


DATABASES: Final = (("businesscore", "Business core"), ("analytics", "Analytics"), ("revenue", "Revenue"))
"""How the models that stand in all three databases begin, and the word for each database."""


def _list_entry(title: str, icon: str, model: str) -> Entry:
    return Entry(title, icon, f"admin:{model.replace('.', '_')}_changelist", (model,))


def _per_database_entry(title: str, icon: str, model: str) -> Entry:
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
            _list_entry("Inquiries", "person_raised_hand", "business_core.consultationinquiry"),
            _list_entry("Posts", "article", "business_core.post"),
            _list_entry("Months", "calendar_month", "business_core.businesspipeline"),
            _list_entry("Last 30 days", "avg_pace", "business_core.currentpipelinesummary"),
        ),
    ),
    (
        "Experiments",
        (
            _list_entry("A/B tests", "science", "revenue.abtest"),
            _list_entry("Variants", "call_split", "revenue.abtestvariant"),
            Entry("Sample size", "calculate", "ab-calculator", ("revenue.abtest",)),
            Entry("Glossary", "menu_book", "ab-glossary", ("revenue.abtest",)),
        ),
    ),
    (
        "Revenue",
        (
            Entry("In numbers", "monitoring", "dashboard-revenue", REVENUE_SECTIONS),
            _list_entry("Opportunities", "payments", "revenue.revenueopportunity"),
            _list_entry("By segment", "donut_small", "revenue.revenuepipelinesummary"),
            _list_entry("Recommendations", "lightbulb", "revenue.contentrecommendation"),
            _list_entry("Content pieces", "description", "revenue.contentpiece"),
            _list_entry("Adaptations", "share", "revenue.platformadaptation"),
        ),
    ),
    (
        "Analytics",
        (
            Entry("In numbers", "monitoring", "dashboard-analytics", ANALYTICS_SECTIONS),
            _list_entry("Top patterns", "trophy", "analytics.topperformingpattern"),
            _list_entry("Patterns", "insights", "analytics.contentpattern"),
            _list_entry("Predictions", "query_stats", "analytics.performanceprediction"),
            _list_entry("Content analyses", "text_snippet", "analytics.contentanalysis"),
            _list_entry("Attribution", "conversion_path", "analytics.attributiontracking"),
        ),
    ),
    (
        "Consolidation",
        (
            Entry("In numbers", "monitoring", "dashboard-consolidation", ("legacy_import.importsource",)),
            _list_entry("Sources", "database", "legacy_import.importsource"),
            _per_database_entry("Quarantine", "emergency_home", "legacy_import.quarantinedrow"),
            _per_database_entry("Divergences", "fork_right", "legacy_import.divergence"),
            _per_database_entry("Import runs", "history", "legacy_import.run"),
            _list_entry("Validations", "fact_check", "legacy_import.validationrun"),
            _list_entry("Archived tables", "inventory_2", "legacy_import.archivedtable"),
            _per_database_entry("Archived rows", "archive", "legacy_import.archivedrow"),
            _per_database_entry("Ledger", "receipt_long", "legacy_import.ledgerrow"),
            _per_database_entry("Legacy files", "folder_open", "legacy_import.legacyfile"),
            _per_database_entry("Changes", "manage_history", "change_log.change"),
            Entry("Recently deleted", "restore_from_trash", "changes:deleted", _LOGGED, (BUSINESS_CORE,)),
        ),
    ),
    (
        "Jobs",
        (
            # The queue's own lists of messages are linked from there: they tell an operator little.
            Entry("Operations", "monitor_heart", "operations:console", (), permission="job_base.view_jobrun"),
            _list_entry("Schedules", "schedule", "django_q.schedule"),
        ),
    ),
    (
        "People",
        (
            _list_entry("Users", "person", "auth.user"),
            _list_entry("Roles", "group", "auth.group"),
        ),
    ),
)


def sidebar_groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the sidebar with the entries this person may open, as the theme wants them."""
    groups = []
    for title, entries in GROUPS:
        items = [
            {"title": entry.title, "icon": entry.icon, "link": reverse(entry.page, args=entry.arguments)}
            for entry in entries
            if entry.may_be_opened(request)
        ]
        if items:
            groups.append({"title": title, "separator": bool(title), "items": items})
    return groups


def database_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the tabs between the databases, on the lists and on the rows' pages, as the theme wants them."""
    tabs = []
    for entry in (entry for _, group in GROUPS for entry in group if entry.is_per_database):
        # A tab for each database whose rows this person may view; one alone is no choice, and gets no tab.
        places = [(apps.get_model(label), words) for label, (_, words) in zip(entry.models, DATABASES, strict=True)]
        items = [
            {"title": words, "link": changelist_address(model)} for model, words in places if may_view(request, model)
        ]
        models = [*entry.models, *({"name": model, "detail": True} for model in entry.models)]
        tabs.append({"models": models, "items": items if len(items) > 1 else []})
    return tabs
