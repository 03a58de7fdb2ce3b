"""The panel "Where sources disagree" on a row's own page: its diverging fields, and the way to the choice (page)."""

from typing import Any, Final

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from legacy_import import models
from legacy_import.models import Divergence
from legacy_import.sources import SOURCES
from legacy_import.target_display import field_label
from synapse.kit.admin.panels import Panel, register_panel

_PAGES: Final = {
    model.database_alias: str(model._meta.model_name)
    for model in (models.BusinessCoreDivergence, models.AnalyticsDivergence, models.RevenueDivergence)
}


def build_divergences_panel(request: HttpRequest, row: Model) -> dict[str, Any] | None:
    """Build the context of the panel, None where the row has no divergence or the person may not see them."""
    alias = str(row._state.db)
    if not request.user.has_perm(f"legacy_import.view_{_PAGES[alias]}"):
        return None
    table = row._meta.db_table
    recorded = Divergence.objects.using(alias).filter(target_key=row.pk, target_table=table).order_by("column")
    choices = list(recorded.values_list("column", "choice"))
    if not choices:
        return None
    page = reverse(f"admin:legacy_import_{_PAGES[alias]}_changelist")
    return {
        "to_decide": sorted({field_label(table, column) for column, choice in choices if not choice}),
        "decided": sorted({field_label(table, column) for column, choice in choices if choice}),
        "page": f"{page}?q={row.pk}",
        "decided_page": f"{page}?decision=decided&q={row.pk}",
    }


for _label in sorted({table.model for source in SOURCES for table in source.tables}):
    register_panel(
        apps.get_model(_label),
        Panel("Where sources disagree", "admin/legacy_import/divergence_panel.html", build_divergences_panel),
    )
