"""The panel "The legacy files it came from" on the page of every row that was imported: how far each is in step.

Registered for every target model; the words are sync_words'.
"""

from typing import Any

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from legacy_import.admin.sync_status import read_sync_statuses
from legacy_import.models import LedgerRow
from legacy_import.sources import SOURCES
from synapse.kit.admin.panels import Panel, register_panel

_LINKED_STATES = (LedgerRow.State.LIVE, LedgerRow.State.MERGED, LedgerRow.State.GONE, LedgerRow.State.DELETED)


def build_sync_panel(request: HttpRequest, row: Model) -> dict[str, Any] | None:
    """Build the context of the panel: how far each of the row's sources is in sync; None for a row made here."""
    found = LedgerRow.objects.using(row._state.db).filter(
        target_key=row.pk, target_table=row._meta.db_table, state__in=_LINKED_STATES
    )
    states = dict(found.order_by("-owns", "source").values_list("source", "state"))
    if not states:
        return None
    words = read_sync_statuses(states)
    may_look = request.user.has_perm("legacy_import.run_import") or request.user.has_perm(
        "legacy_import.view_importrun"
    )
    return {
        "lines": [{"sync": words[name], "is_gone": states[name] == LedgerRow.State.GONE} for name in states],
        "page": reverse("admin:legacy_import_importsource_changelist") if may_look else "",
    }


for _model in {apps.get_model(table.model) for source in SOURCES for table in source.tables}:
    register_panel(_model, Panel("The legacy files it came from", "admin/legacy_import/in_step.html", build_sync_panel))
