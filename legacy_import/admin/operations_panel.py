"""The import's panel of the operator's page: each source's state, and what waits in each database.

The states are services.source_states', the page of all figures admin.consolidation's. Registered in
legacy_import.panels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from legacy_import.admin.consolidation.backups import format_dump_age
from legacy_import.admin.consolidation.source_links import SourceLinks, build_source_links
from legacy_import.admin.database_pages import DATABASE_WORDS, DIVERGENCES, QUARANTINED_ROWS
from legacy_import.models import Divergence, ImportSource, ValidationRun
from legacy_import.services import SourceState, last_validation, source_states
from legacy_import.services.quarantine_counts import count_quarantined_rows
from synapse.foundation.databases import ALIASES
from synapse.foundation.text.time_formats import format_age, format_day_and_time
from synapse.foundation.text.visible import visible
from synapse.kit.admin.permissions import changelist_address, may_view
from synapse.kit.panels.operations import Finding, PanelContent

_STATE_SIGNS: Final = {
    "pending": ("waits", "○"),
    "validated": ("good", "✓"),
    "mismatched": ("bad", "≠"),
    "error": ("bad", "✕"),
    "withdrawn": ("waits", "◌"),
}
"""How each state is drawn: the tone of its colour, and a sign that says the same without it."""
_MAX_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source: its state in a word and a sentence, when it was imported last, where to look."""

    state: SourceState
    tone: str
    sign: str
    imported: str
    sentence: str
    links: SourceLinks


@dataclass(frozen=True, slots=True)
class DatabaseLine:
    """What waits for a person in a database, and how old its newest dump is; None where this person may not look."""

    words: str
    quarantined: int | None
    quarantine_page: str
    divergences: int | None
    divergences_page: str
    dump: str


@dataclass(frozen=True, slots=True)
class ValidationLine:
    """The last validation in words; `page` is empty where this person may not open it."""

    passed: bool
    words: str
    page: str


@dataclass(frozen=True, slots=True)
class ConsolidationPanel:
    """How the consolidation stands; `validation` is None where there was none that came to a verdict."""

    sources: list[SourceLine]
    databases: list[DatabaseLine]
    validation: ValidationLine | None
    summary: str
    sources_page: str
    figures_page: str

    @property
    def troubled_sources(self) -> list[SourceLine]:
        """The sources somebody has to look at."""
        return [line for line in self.sources if line.state.needs_attention]


def build_operations_panel(request: HttpRequest, now: datetime) -> PanelContent | None:
    """Return how the consolidation stands, None for a person who may not see the sources."""
    if not may_view(request, ImportSource):
        return None
    sources = []
    for state in source_states():
        tone, sign = ("busy", "▸") if state.is_running else _STATE_SIGNS[state.state]
        imported = format_day_and_time(state.imported_at, now) if state.imported_at else "never"
        links = build_source_links(request, state)
        sources.append(SourceLine(state, tone, sign, imported, visible(state.sentence), links))
    databases = []
    for alias in ALIASES:
        quarantine, divergences = QUARANTINED_ROWS[alias], DIVERGENCES[alias]
        line = DatabaseLine(
            words=capfirst(DATABASE_WORDS[alias]),
            quarantined=count_quarantined_rows(alias) if may_view(request, quarantine) else None,
            quarantine_page=changelist_address(quarantine),
            divergences=Divergence.objects.using(alias).undecided().count() if may_view(request, divergences) else None,
            divergences_page=changelist_address(divergences),
            dump=visible(format_dump_age(alias, now)),
        )
        databases.append(line)
    counts = {word: sum(line.state.state == word for line in sources) for word in _STATE_SIGNS}
    counted = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    panel = ConsolidationPanel(
        sources=sources,
        databases=databases,
        validation=_validation_line(request, now),
        summary=f"{len(sources)} sources: {counted}.",
        sources_page=changelist_address(ImportSource),
        figures_page=reverse("dashboard-consolidation"),
    )
    return PanelContent(panel, tuple(consolidation_findings(panel)))


def consolidation_findings(panel: ConsolidationPanel) -> Iterator[Finding]:
    """Yield what the page's headline has to say: sources in trouble, else a failed validation; rows in quarantine."""
    troubled = panel.troubled_sources
    if troubled:
        names = ", ".join(line.state.source for line in troubled[:_MAX_NAMED])
        more = f" and {len(troubled) - _MAX_NAMED} more" if len(troubled) > _MAX_NAMED else ""
        yield Finding(
            f"Not as it should be, of the sources: {names}{more}.",
            "Each says below what to do.",
            "#consolidation",
            "Look at the sources",
        )
    elif panel.validation and not panel.validation.passed:
        # A failed validation puts sources in trouble: it is said by itself only where no source's line says it.
        words = f"The last validation failed: {panel.validation.words}."
        yield Finding(words, "Read what differs.", panel.validation.page or "#consolidation", "Read the report")
    waiting = sum(line.quarantined or 0 for line in panel.databases)
    if waiting:
        rows = "One row waits" if waiting == 1 else f"{waiting:,} rows wait"
        words = f"{rows} in quarantine."
        yield Finding(words, "Mend or archive them at the desk.", "#consolidation", "Where they wait", is_bad=False)


def _validation_line(request: HttpRequest, now: datetime) -> ValidationLine | None:
    """Return the last validation in words, None where none came to a verdict."""
    last = last_validation()
    if last is None:
        return None
    failed = len(last.failures)
    verdict = (
        f"all {last.check_count} checks passed" if last.passed else f"{failed} of {last.check_count} checks failed"
    )
    words = f"{verdict}, {format_day_and_time(last.begun_at, now)} ({format_age(last.begun_at, now)})"
    may_open = may_view(request, ValidationRun)
    page = reverse("admin:legacy_import_validationrun_change", args=[last.pk]) if may_open else ""
    return ValidationLine(last.passed, words, page)
