"""The sections of the page "The consolidation in numbers": all of it, then one for each database.

Words, figures and their links; standing and backups read what they show, page answers the request.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from legacy_import.admin.consolidation.backups import format_dump_age, format_snapshot_age
from legacy_import.admin.consolidation.database_status import DatabaseStatus
from legacy_import.admin.database_pages import (
    ARCHIVED_ROWS,
    DATABASE_WORDS,
    DIVERGENCES,
    LEDGER_ROWS,
    QUARANTINED_ROWS,
)
from legacy_import.admin.sync_status import SyncStatus, summarize_syncs
from legacy_import.cell_display import visible
from legacy_import.models import LedgerRow, ValidationRun
from synapse.kit.admin.permissions import may_view
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, Unit, list_link

_BYTES_PER_KB: Final = 1000
_OVERHEAD: Final = "an empty PostgreSQL database takes about 8,000 KB; see below what the rows take"
_STATES: Final = (
    (LedgerRow.State.LIVE, "In its table"),
    (LedgerRow.State.MERGED, "Merged"),
    (LedgerRow.State.ARCHIVED, "Archived"),
    (LedgerRow.State.QUARANTINED, "Quarantined"),
    (LedgerRow.State.GONE, "Gone from the file"),
    (LedgerRow.State.DELETED, "Deleted here"),
)
_ALWAYS: Final = frozenset({state for state, _ in _STATES[:4]})
"""States that have their column also where no row is in them."""


def overview_section(
    request: HttpRequest, standings: Sequence[DatabaseStatus], validation: ValidationRun | None
) -> Section:
    """Return the section that sums up all databases."""
    page = reverse("admin:legacy_import_importsource_changelist")
    files = sum(len(standing.sources) for standing in standings)
    imported = sum(source.name in standing.last for standing in standings for source in standing.sources)
    saved = Decimal(files - len(standings)) / files if files else None

    def linked_number(value: int | Decimal | None, unit: Unit = Unit.SCORE) -> Number:
        return Number(value, unit, page)

    return Section(
        title=f"{files} files became {len(standings)} databases",
        figures=(
            Figure("Legacy files", linked_number(files), note=f"{imported} of them imported"),
            Figure(
                "Databases", linked_number(len(standings)), note=", ".join(DATABASE_WORDS[s.alias] for s in standings)
            ),
            Figure("Fewer databases", linked_number(saved, Unit.SHARE)),
            Figure("Legacy rows accounted for", linked_number(sum(s.legacy_row_count for s in standings))),
            _validation_figure(request, validation, page),
            Figure("Legacy files, in KB", _kilobyte_number(sum(s.total_file_bytes for s in standings), page)),
            Figure(
                "Databases, in KB",
                _kilobyte_number(sum(s.sizes.database_bytes for s in standings), page),
                note=_OVERHEAD,
            ),
        ),
        note="Each legacy row is counted once, by where it is now. "
        + ("" if imported else "Nothing was imported yet: open the page Sources and press Import all."),
    )


def _validation_figure(request: HttpRequest, validation: ValidationRun | None, page: str) -> Figure:
    """Return how many checks the last validation found to agree; it opens its report for who may see that."""
    if may_view(request, ValidationRun):
        page = reverse("admin:legacy_import_validationrun_changelist")
    if validation is None:
        return Figure("Checks that agree", Number(None, Unit.SCORE, page), note="never validated: validate once")
    agree = validation.check_count - len(validation.failures)
    when = f"{timezone.localtime(validation.begun_at):%Y-%m-%d %H:%M}"
    return Figure(
        "Checks that agree",
        Number(agree, Unit.SCORE, page),
        note=f"of {validation.check_count}, validated {when}" + ("" if validation.passed else ": look at the others"),
    )


def database_section(
    request: HttpRequest, standing: DatabaseStatus, syncs: Mapping[str, SyncStatus], now: datetime
) -> Section:
    """Return what became of the sources of one database; `syncs` says how far each is in step."""
    page = reverse("admin:legacy_import_importsource_changelist")
    sizes = standing.sizes
    in_step = summarize_syncs([syncs[source.name] for source in standing.sources if source.name in standing.last])
    return Section(
        title=f"{DATABASE_WORDS[standing.alias].capitalize()}: {len(standing.sources)} files in one database",
        figures=(
            *_ledger_figures(request, standing),
            Figure("Its legacy files, in KB", _kilobyte_number(standing.total_file_bytes, page)),
            Figure(
                "The database, in KB",
                _kilobyte_number(sizes.database_bytes, page),
                note=f"business tables {_to_kilobytes(sizes.business_bytes):,} KB, ledger and change log "
                f"{_to_kilobytes(sizes.kept_bytes):,} KB",
            ),
        ),
        charts=(_source_chart(request, standing, now),),
        note=" ".join(words for words in (in_step, format_dump_age(standing.alias, now)) if words),
    )


def _ledger_figures(request: HttpRequest, standing: DatabaseStatus) -> tuple[Figure, ...]:
    alias = standing.alias
    archived, waiting = (
        standing.count_in_state(LedgerRow.State.ARCHIVED),
        standing.count_in_state(LedgerRow.State.QUARANTINED),
    )
    quarantine = QUARANTINED_ROWS[alias]
    quarantine_rows = (
        reverse(f"admin:legacy_import_{quarantine._meta.model_name}_rows") if may_view(request, quarantine) else ""
    )
    return (
        Figure("Legacy rows", Number(standing.legacy_row_count, link=list_link(request, LEDGER_ROWS[alias]))),
        Figure("Archived", Number(archived, link=list_link(request, ARCHIVED_ROWS[alias]))),
        Figure(
            "Waiting in quarantine",
            Number(waiting, link=quarantine_rows),
            note="rows to fix, archive or try again" if waiting else "nothing to do",
        ),
        Figure(
            "Divergences to decide",
            Number(standing.undecided, link=list_link(request, DIVERGENCES[alias])),
            note="fields of which two sides say different things" if standing.undecided else "nothing to do",
        ),
    )


def _source_chart(request: HttpRequest, standing: DatabaseStatus, now: datetime) -> Chart:
    known = [source.name for source in standing.sources]
    # The ledger may hold rows of a source that is declared no more.
    others = sorted(standing.rows.keys() - set(known))
    states = [state for state, _ in _STATES if state in _ALWAYS or standing.count_in_state(state)]
    notes = {}
    for source in standing.sources:
        size, last = standing.file_bytes[source.name], standing.last.get(source.name)
        words = (
            "file missing" if size is None else f"{_to_kilobytes(size):,} KB",
            f"{last.status.label} {timezone.localtime(last.run.started_at):%Y-%m-%d %H:%M}"
            if last
            else "never imported",
            format_snapshot_age(source, now),
        )
        notes[source.name] = " · ".join(words)
    return Chart(
        title=f"Where the rows of each file are · {DATABASE_WORDS[standing.alias]}",
        kind=ChartKind.BARS,
        label_heading="Source",
        headings=("Legacy rows", *(dict(_STATES)[state] for state in states)),
        bars=tuple(
            _source_bar(request, standing, name, states, notes.get(name, "declared no more")) for name in known + others
        ),
        empty="No source is declared for this database.",
        note="Lists open up to their first 10,000 rows.",
    )


def _source_bar(
    request: HttpRequest, standing: DatabaseStatus, name: str, states: Sequence[LedgerRow.State], note: str
) -> Bar:
    counts: Mapping[str, int] = standing.rows.get(name, {})
    ledger = LEDGER_ROWS[standing.alias]

    def linked_number(rows: int, **state: Any) -> Number:
        return Number(rows, link=list_link(request, ledger, source=name, **state))

    in_states = (linked_number(counts.get(state, 0), state__exact=state.value) for state in states)
    return Bar(visible(name), (linked_number(sum(counts.values())), *in_states), note)


def _kilobyte_number(size_bytes: int, link: str) -> Number:
    return Number(_to_kilobytes(size_bytes), Unit.SCORE, link)


def _to_kilobytes(size_bytes: int) -> int:
    return round(size_bytes / _BYTES_PER_KB)
