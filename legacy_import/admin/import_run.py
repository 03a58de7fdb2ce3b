"""The pages of the runs: the list of imports, replays and undos, each with its counts, and the way to its undo."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from legacy_import.admin.database_page import DatabaseAdmin, SourceFilter
from legacy_import.admin.database_pages import quarantine_url
from legacy_import.admin.tables import counts_table, preserve_whitespace
from legacy_import.admin.undo_page import describe_undo, handle_undo_request, may_undo
from legacy_import.cell_display import visible
from legacy_import.models import AnalyticsRun, BusinessCoreRun, ImportRun, RevenueRun
from legacy_import.running_imports import actual_status, lock_holders

_MAX_FIRST_WORDS = 120
_RUNS = (BusinessCoreRun, AnalyticsRun, RevenueRun)


@admin.register(BusinessCoreRun, AnalyticsRun, RevenueRun)
class ImportRunAdmin(DatabaseAdmin[ImportRun]):
    """Runs, the latest first."""

    change_form_template = "admin/legacy_import/run.html"
    list_display = [
        "started_at",
        "source",
        "kind",
        "status_label",
        "requested_by",
        "rows_read",
        "finished_at",
        "error_excerpt",
    ]
    list_filter = [SourceFilter, "kind", "status"]
    list_display_links = ["started_at", "source"]
    fields = [
        "source",
        "kind",
        "status_label",
        "undo_link",
        "full_error",
        "requested_by",
        "started_at",
        "finished_at",
        "counts_per_table",
        "notes_list",
        "snapshot_path",
        "snapshot_sha256",
        "snapshot_size_bytes",
        "host",
        "process_id",
        "change_mark",
    ]

    def get_urls(self) -> list[URLPattern]:
        """Return the pages' addresses, that of the undo before those that take any key."""
        name = f"legacy_import_{self.model._meta.model_name}_undo"
        return [path("<uuid:key>/undo/", self.admin_site.admin_view(self.undo_view), name=name), *super().get_urls()]

    def undo_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Show what an undo would do, or undo."""
        return handle_undo_request(self, request, self.get_queryset(request).filter(pk=key).first())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a run, with the way to its undo for those who may."""
        run: ImportRun | None = context["original"]
        if run is not None and may_undo(request, run):
            name = f"admin:legacy_import_{self.model._meta.model_name}_undo"
            context["undo_page"] = reverse(name, args=[run.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="undo")
    def undo_link(self, run: ImportRun) -> SafeString | str:
        """Return the way from an undone run to its undo, and back."""
        if run.undoes is not None:
            return self.row_link(_RUNS, run.undoes, "the run that this one took back")
        if run.status != ImportRun.Status.UNDONE:
            return "-"
        # A failed undo left its run, too: the one that counts is completed.
        runs = ImportRun.objects.using(self.alias).filter(undoes=run.pk, status=ImportRun.Status.COMPLETED)
        undo = runs.order_by("-finished_at").first()
        return self.row_link(_RUNS, undo.pk, describe_undo(undo)) if undo else "-"

    @admin.display(description="status")
    def status_label(self, run: ImportRun) -> str:
        """Return the run's actual status: one that says running while its source's lock is free was interrupted."""
        # Few rows say running: no query for the others.
        holders = lock_holders(self.alias, [run.source]) if run.status == ImportRun.Status.RUNNING else {}
        return str(actual_status(run, holders).label)

    @admin.display(description="rows read")
    def rows_read(self, run: ImportRun) -> str:
        """Return how many rows the run read."""
        return f"{count_rows_with_outcome(run, 'read'):,}" if run.tables else "-"

    @admin.display(description="error")
    def error_excerpt(self, run: ImportRun) -> str:
        """Return the beginning of the run's error."""
        error = visible(run.error)
        return error if len(error) <= _MAX_FIRST_WORDS else f"{error[:_MAX_FIRST_WORDS]}…"

    @admin.display(description="error")
    def full_error(self, run: ImportRun) -> str:
        """Return the run's error."""
        return preserve_whitespace(visible(run.error)) if run.error else "-"

    @admin.display(description="rows")
    def counts_per_table(self, run: ImportRun) -> SafeString | str:
        """Return the counts per table, and the way to what waits."""
        if not count_rows_with_outcome(run, "quarantined"):
            return counts_table(run.tables)
        waiting = quarantine_url(self.alias, run.source)
        return format_html('{}<a href="{}">See what waits in quarantine</a>', counts_table(run.tables), waiting)

    @admin.display(description="remarks")
    def notes_list(self, run: ImportRun) -> SafeString | str:
        """Return the run's notes, one a line."""
        return format_html_join("", "<div>{}</div>", ((visible(note),) for note in run.notes)) or "-"


def count_rows_with_outcome(run: ImportRun, outcome: str) -> int:
    """Return how many rows of all tables had this outcome ('read' is their sum)."""
    return sum(counts.get(outcome, 0) for counts in run.tables.values())
