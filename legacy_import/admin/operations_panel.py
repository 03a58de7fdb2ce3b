"""How the consolidation stands, for the operator: each source's state, and what waits in each database.

What lives here: lines and their links, for who may see the sources. What does not: the states (legacy_import), the
page of all figures (legacy_import.admin.consolidation).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from legacy_import.admin.consolidation.backups import dump_words
from legacy_import.admin.consolidation.source_links import SourceLinks, links_of
from legacy_import.admin.database_words import DATABASE_WORDS, DIVERGENCES, QUARANTINED_ROWS
from legacy_import.admin.quarantine.groups import count_waiting
from legacy_import.models import ImportSource, ValidationRun
from legacy_import.services import SourceState, last_validation, source_states
from synapse.foundation.databases import ALIASES
from synapse.foundation.text.time_words import age_words, clock_words
from synapse.foundation.text.visible import visible

_DRAWN: Final = {
    "pending": ("waits", "○"),
    "validated": ("good", "✓"),
    "mismatched": ("bad", "≠"),
    "error": ("bad", "✕"),
}


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
class Consolidation:
    """How the consolidation stands; `validation` is None where there was none that came to a verdict."""

    sources: list[SourceLine]
    databases: list[DatabaseLine]
    validation: ValidationLine | None
    summary: str
    sources_page: str
    figures_page: str

    @property
    def troubled(self) -> list[SourceLine]:
        """The sources somebody has to look at."""
        return [line for line in self.sources if line.state.needs_somebody]


def consolidation(request: HttpRequest, now: datetime) -> Consolidation | None:
    """Return how the consolidation stands, None for a person who may not see the sources."""
    if not _may_view(request, ImportSource):
        return None
    lines = [_source_line(request, state, now) for state in source_states()]
    return Consolidation(
        sources=lines,
        databases=[_database_line(request, alias, now) for alias in ALIASES],
        validation=_validation_line(request, now),
        summary=_summary(lines),
        sources_page=reverse("admin:legacy_import_importsource_changelist"),
        figures_page=reverse("dashboard-consolidation"),
    )


def _source_line(request: HttpRequest, state: SourceState, now: datetime) -> SourceLine:
    tone, sign = ("busy", "▸") if state.is_running else _DRAWN[state.state]
    imported = clock_words(state.imported_at, now) if state.imported_at else "never"
    return SourceLine(state, tone, sign, imported, visible(state.sentence), links_of(request, state))


def _database_line(request: HttpRequest, alias: str, now: datetime) -> DatabaseLine:
    quarantine, divergences = QUARANTINED_ROWS[alias], DIVERGENCES[alias]
    sees_quarantine, sees_divergences = _may_view(request, quarantine), _may_view(request, divergences)
    undecided: Any = divergences
    return DatabaseLine(
        words=capfirst(DATABASE_WORDS[alias]),
        quarantined=count_waiting(alias) if sees_quarantine else None,
        quarantine_page=_changelist(quarantine),
        divergences=undecided.objects.using(alias).filter(choice="").count() if sees_divergences else None,
        divergences_page=_changelist(divergences),
        dump=visible(dump_words(alias, now)),
    )


def _validation_line(request: HttpRequest, now: datetime) -> ValidationLine | None:
    last = last_validation()
    if last is None:
        return None
    failed = len(last.failures)
    verdict = (
        f"all {last.check_count} checks passed" if last.passed else f"{failed} of {last.check_count} checks failed"
    )
    words = f"{verdict}, {clock_words(last.begun_at, now)} ({age_words(last.begun_at, now)})"
    page = (
        reverse("admin:legacy_import_validationrun_change", args=[last.pk]) if _may_view(request, ValidationRun) else ""
    )
    return ValidationLine(last.passed, words, page)


def _summary(lines: list[SourceLine]) -> str:
    counts = {word: sum(line.state.state == word for line in lines) for word in _DRAWN}
    said = [f"{number} {word}" for word, number in counts.items() if number]
    return f"{len(lines)} sources: {', '.join(said)}."


def _changelist(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _may_view(request: HttpRequest, model: Any) -> bool:
    return admin.site.get_model_admin(model).has_view_permission(request)
