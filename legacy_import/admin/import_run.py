"""The pages of the import runs."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from legacy_import.admin.database_page import DatabaseAdmin, SourceFilter
from legacy_import.admin.database_words import quarantine_of
from legacy_import.admin.tables import counts_table, pre_wrapped
from legacy_import.cell_words import visible
from legacy_import.liveness import actual_status, lock_holders
from legacy_import.models import AnalyticsRun, BusinessCoreRun, ImportRun, RevenueRun

_BRIEF = 120


@admin.register(BusinessCoreRun, AnalyticsRun, RevenueRun)
class ImportRunAdmin(DatabaseAdmin[ImportRun]):
    """Runs, the latest first."""

    list_display = ["started_at", "source", "standing", "requested_by", "rows", "finished_at", "first_words"]
    list_filter = [SourceFilter, "status"]
    list_display_links = ["started_at", "source"]
    fields = [
        "source",
        "standing",
        "error_in_full",
        "requested_by",
        "started_at",
        "finished_at",
        "counts",
        "remarks",
        "snapshot_path",
        "snapshot_sha256",
        "snapshot_size_bytes",
        "host",
        "process_id",
        "change_mark",
    ]

    @admin.display(description="status")
    def standing(self, run: ImportRun) -> str:
        """Return how the run stands; a run that says running while nobody holds its source's lock was interrupted."""
        # Few rows say running: no query for the others.
        holders = lock_holders(self.alias, [run.source]) if run.status == ImportRun.Status.RUNNING else {}
        return str(actual_status(run, holders).label)

    @admin.display(description="rows read")
    def rows(self, run: ImportRun) -> str:
        """Return how many rows the run read."""
        return f"{rows_in(run, 'read'):,}" if run.tables else "-"

    @admin.display(description="error")
    def first_words(self, run: ImportRun) -> str:
        """Return the beginning of the run's error."""
        error = visible(run.error)
        return error if len(error) <= _BRIEF else f"{error[:_BRIEF]}…"

    @admin.display(description="error")
    def error_in_full(self, run: ImportRun) -> str:
        """Return the run's error."""
        return pre_wrapped(visible(run.error)) if run.error else "-"

    @admin.display(description="rows")
    def counts(self, run: ImportRun) -> SafeString | str:
        """Return the counts per table, and the way to what waits."""
        if not rows_in(run, "quarantined"):
            return counts_table(run.tables)
        waiting = quarantine_of(self.alias, run.source)
        return format_html('{}<a href="{}">See what waits in quarantine</a>', counts_table(run.tables), waiting)

    @admin.display(description="remarks")
    def remarks(self, run: ImportRun) -> SafeString | str:
        """Return the run's notes, one a line."""
        return format_html_join("", "<div>{}</div>", ((visible(note),) for note in run.notes)) or "-"


def rows_in(run: ImportRun, outcome: str) -> int:
    """Return how many rows of all tables had this outcome ('read' is their sum)."""
    return sum(counts.get(outcome, 0) for counts in run.tables.values())
