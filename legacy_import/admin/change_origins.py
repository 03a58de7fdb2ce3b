"""Answers the change log's questions about the import: the words of a run, and which run inserted a row.

Registered with synapse.kit.change_log, which must not import this app.
"""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from legacy_import.cell_display import visible
from legacy_import.models import AnalyticsRun, BusinessCoreRun, ImportRun, LedgerRow, RevenueRun
from synapse.kit.change_log.import_runs import RunLabel, register_import_runs

_PAGES: Final = {
    model.database_alias: str(model._meta.model_name) for model in (BusinessCoreRun, AnalyticsRun, RevenueRun)
}


class LedgerImports:
    """The runs as their own table and the ledger have them."""

    def describe_runs(self, request: HttpRequest, alias: str, keys: Collection[UUID]) -> Mapping[UUID, RunLabel]:
        """Return the words of the runs."""
        found = ImportRun.objects.using(alias).in_bulk(list(keys)) if keys else {}
        return {key: _build_run_label(request, alias, run) for key, run in found.items()}

    def find_inserting_runs(self, request: HttpRequest, alias: str, table: str, key: UUID) -> Collection[RunLabel]:
        """Return the run that last brought the row's own legacy row; none where nothing legacy is behind it."""
        rows = LedgerRow.objects.using(alias).filter(target_key=key, owns=True, target_table=table)
        return [_build_run_label(request, alias, row.run) for row in rows.select_related("run")]

    def imported_row_keys(self, alias: str, table: str) -> Collection[UUID]:
        """Return the target keys that the ledger's rows own."""
        owned = LedgerRow.objects.using(alias).filter(target_table=table, owns=True, target_key__isnull=False)
        return frozenset(key for key in owned.values_list("target_key", flat=True) if key is not None)


def _build_run_label(request: HttpRequest, alias: str, run: ImportRun) -> RunLabel:
    when = date_format(timezone.localtime(run.started_at), "j M Y, H:i")
    noun = {ImportRun.Kind.UNDO.value: "undo of the import"}.get(run.kind, "import")
    may = request.user.has_perm(f"legacy_import.view_{_PAGES[alias]}")
    link = reverse(f"admin:legacy_import_{_PAGES[alias]}_change", args=[run.pk]) if may else ""
    return RunLabel(f"the {noun} of {visible(run.source)} ({when})", link)


register_import_runs(LedgerImports())
