"""The timeline on a row's own page; importing this module registers the panel."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from synapse.kit.admin.panels import Panel, register_panel
from synapse.kit.change_log.import_runs import import_runs
from synapse.kit.change_log.permissions import may_view
from synapse.kit.change_log.timeline import ENTRIES_PER_PAGE, describe_entries, has_change_log_triggers, row_entries


def build_timeline_context(request: HttpRequest, row: Model) -> dict[str, Any] | None:
    """Return the row's latest changes; None where no log is kept of its table or the person may not see it."""
    alias, table = str(row._state.db), row._meta.db_table
    if not may_view(request, table) or not has_change_log_triggers(alias, table):
        return None
    entries = row_entries(alias, table, row.pk)
    latest = list(entries[: ENTRIES_PER_PAGE + 1])
    more = len(latest) > ENTRIES_PER_PAGE
    return {
        "alias": alias,
        "table": table,
        "key": row.pk,
        "entries": describe_entries(request, alias, latest[:ENTRIES_PER_PAGE]),
        "more": more,
        "count": entries.count() if more else len(latest),
        "origins": import_runs().find_inserting_runs(request, alias, table, row.pk),
    }


register_panel(Model, Panel("Timeline", "synapse/kit/change_log/timeline.html", build_timeline_context))
