"""The timeline on a row's own page.

What lives here: filling the panel. What does not: reading the history (timeline).
"""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from synapse.kit.admin.panels import Panel, register_panel
from synapse.kit.change_log.import_runs import imports
from synapse.kit.change_log.permissions import may_view
from synapse.kit.change_log.timeline import ON_A_PAGE, is_logged, row_entries, told


def timeline_of(request: HttpRequest, row: Model) -> dict[str, Any] | None:
    """Return the row's latest changes; None where no log is kept of its table or the person may not see it."""
    alias, table = str(row._state.db), row._meta.db_table
    if not may_view(request, table) or not is_logged(alias, table):
        return None
    entries = row_entries(alias, table, row.pk)
    latest = list(entries[: ON_A_PAGE + 1])
    more = len(latest) > ON_A_PAGE
    return {
        "alias": alias,
        "table": table,
        "key": row.pk,
        "entries": told(request, alias, latest[:ON_A_PAGE]),
        "more": more,
        "count": entries.count() if more else len(latest),
        "origins": imports().origins(request, alias, table, row.pk),
    }


register_panel(Model, Panel("Timeline", "synapse/kit/change_log/timeline.html", timeline_of))
