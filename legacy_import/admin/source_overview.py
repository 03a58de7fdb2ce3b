"""The lines of the sources' page: each source's file, its last import, and what is queued or running.

Called by import_source.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst

from legacy_import.admin.database_pages import DATABASE_WORDS, quarantine_url
from legacy_import.admin.import_run import count_rows_with_outcome
from legacy_import.admin.sync_status import SyncStatus, read_sync_statuses
from legacy_import.cell_display import visible
from legacy_import.jobs import waiting_imports
from legacy_import.jobs.imports import WaitingImport
from legacy_import.mapping import Source
from legacy_import.models import AnalyticsRun, BusinessCoreRun, ImportRun, LossQuestion, RevenueRun
from legacy_import.pipeline.row_loss import RowLoss, TableLoss
from legacy_import.running_imports import LockHolder, actual_status, lock_holders
from legacy_import.services import read_file_limits
from legacy_import.source_decisions import loss_questions, withdrawal_sentence, withdrawn_sources
from legacy_import.sources import SOURCES, sources_of_database
from synapse.foundation.databases import ALIASES

_OUTCOMES: Final = ("inserted", "updated", "unchanged", "merged", "archived", "quarantined")

_RUN_PAGES: Final = {
    model.database_alias: model._meta.model_name for model in (BusinessCoreRun, AnalyticsRun, RevenueRun)
}


@dataclass(frozen=True, slots=True)
class LastRun:
    """A run in words; `counts` are the outcomes above zero with their sums over its tables, the rows read before them.

    They are empty where the run counted none.
    """

    run: ImportRun
    status: ImportRun.Status
    page: str
    counts: tuple[tuple[str, int], ...]

    @property
    def error_text(self) -> str:
        """What went wrong, empty where nothing did."""
        return visible(self.run.error)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source; `quarantine` is the address of what waits of it.

    `withdrawn` says in words that it is withdrawn, empty where it is not; `question` is what is asked about rows that
    are missing from its file, None where nothing is.

    `last_run`, `queued` and `holder` are None where there is none; `sync` says how far it is in step,
    `limits` what its file asks for and this SQLite lacks.
    """

    name: str
    path: str
    file: str
    file_is_there: bool
    database: str
    quarantine: str
    last_run: LastRun | None
    queued: WaitingImport | None
    holder: LockHolder | None
    sync: SyncStatus
    limits: tuple[str, ...]
    withdrawn: str
    question: "LossLine | None"

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether its file is gone, and nobody has withdrawn it."""
        return not self.file_is_there and not self.withdrawn

    @property
    def is_queued_or_running(self) -> bool:
        """Whether asking for an import would only repeat what is queued or running."""
        return self.holder is not None or (self.queued is not None and not self.queued.is_lost)


@dataclass(frozen=True, slots=True)
class LossLine:
    """The question about missing rows in words; an answer goes with the checksum of the content it is about."""

    words: str
    tables: tuple[TableLoss, ...]
    checksum: str
    asked_at: datetime
    answer: str


def source_lines() -> list[SourceLine]:
    """Return the present line of each declared source."""
    holders = {alias: lock_holders(alias, [source.name for source in sources_of_database(alias)]) for alias in ALIASES}
    # Asked for all sources at once, not line by line.
    waiting, syncs = waiting_imports(), read_sync_statuses(source.name for source in SOURCES)
    limits = read_file_limits()
    withdrawn, questions = withdrawn_sources(), loss_questions()
    lines = []
    for source in SOURCES:
        words, is_there = _file_state(settings.LEGACY_DIR / source.path)
        holder = holders[source.database].get(source.name)
        line = SourceLine(
            name=source.name,
            path=source.path,
            file=words,
            file_is_there=is_there,
            database=DATABASE_WORDS[source.database],
            quarantine=quarantine_url(source.database, source.name),
            last_run=_last_run(source, holders[source.database]),
            queued=None if holder else waiting.get(source.name),
            holder=holder,
            sync=syncs[source.name],
            limits=tuple(visible(limit) for limit in limits.get(source.name, ())),
            withdrawn=capfirst(
                withdrawal_sentence(withdrawn[source.name], path=source.path, is_there=is_there)
                if source.name in withdrawn
                else ""
            ),
            question=_loss_line(questions.get(source.name)),
        )
        lines.append(line)
    return lines


def _last_run(source: Source, holders: dict[str, LockHolder]) -> LastRun | None:
    imports = ImportRun.objects.using(source.database).filter(source=source.name, kind=ImportRun.Kind.IMPORT)
    run = imports.order_by("-started_at").first()
    if run is None:
        return None
    sums = ((outcome, count_rows_with_outcome(run, outcome)) for outcome in _OUTCOMES)
    counts = (("read", count_rows_with_outcome(run, "read")), *((outcome, rows) for outcome, rows in sums if rows))
    return LastRun(
        run=run,
        status=actual_status(run, holders),
        page=reverse(f"admin:legacy_import_{_RUN_PAGES[source.database]}_change", args=[run.pk]),
        counts=counts if run.tables else (),
    )


def _loss_line(question: LossQuestion | None) -> LossLine | None:
    if question is None:
        return None
    loss = RowLoss.from_json(question.tables)
    who = visible(question.answered_by) or "somebody"
    return LossLine(
        words=f"{loss.missing:,} of {loss.held:,} rows are missing",
        tables=tuple(replace(one, table=visible(one.table)) for one in loss.tables if one.missing),
        checksum=question.sha256,
        asked_at=question.asked_at,
        answer=f"{who} answered: {question.get_answer_display()}" if question.answer else "",
    )


def _file_state(path: Path) -> tuple[str, bool]:
    """Return what lies at the path in words, and whether it can be an import's file."""
    try:
        if path.is_file():
            return f"there, {path.stat().st_size:,} bytes", True
        return ("a folder, not a file" if path.is_dir() else "missing"), False
    except OSError as error:
        return f"cannot be looked at: {error.strerror or error}", False
