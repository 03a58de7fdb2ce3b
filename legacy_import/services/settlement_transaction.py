"""The transaction that settling and withdrawing share: its lock, the runs it records, its results and its errors.

Each call of theirs is a run of kind `replay` per source, so that it can be undone as an import can.
"""

import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.functions import Now

from legacy_import.errors import LegacyImportError, TerminalError, TransientError
from legacy_import.failures import contain_failure
from legacy_import.models import ImportRun
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.report import SourceReport
from legacy_import.pipeline.source_import import SourceImport
from legacy_import.pipeline.source_lock import take_source_lock
from legacy_import.run_order import next_run_number
from legacy_import.sources import source_named
from synapse.kit.change_log.authorship import attribute_changes_to


class UnknownRowError(TerminalError):
    """The ledger has no such row, or the row no such settlement."""


class NotQuarantinedError(TerminalError):
    """The row is not in the quarantine, or not any more."""


class ChangedRowError(TerminalError):
    """The row's cells are not those that were looked at."""


class NoReasonError(TerminalError):
    """Nobody says why, or nobody says who."""


class UnfitFixError(TerminalError):
    """The fix names a column that is not read, or a text that PostgreSQL cannot hold."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that still cannot land. `reasons` are the judge's: column, expected, found."""

    ledger_id: UUID
    sentence: str
    reasons: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SettlementResult:
    """What a call did, or in a dry run would do.

    Rows in `refused` are as they were; `runs` has one run for each source of settled rows; `outcomes` counts what
    became of these (inserted, updated, merged …), where that is known.
    """

    settled: tuple[UUID, ...]
    refused: tuple[RefusedRow, ...]
    runs: tuple[UUID, ...]
    outcomes: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def settlement_transaction(alias: str, *, author: str) -> Iterator[CursorWrapper]:
    """Open the outermost transaction of the database and yield its cursor; edits in it are the author's.

    Raises NoReasonError without an author, and a LegacyImportError, one sentence, for whatever failed within.
    """
    if not author:
        raise NoReasonError("nobody is named who settles the rows")
    with (
        contain_failure("the rows were not settled", passing=(LegacyImportError,)) as trouble,
        attribute_changes_to(author),
        # durable: nested in a caller's transaction it could be rolled back after it was reported as done.
        transaction.atomic(using=alias, durable=True),
        connections[alias].cursor() as cursor,
    ):
        yield cursor
    if trouble:
        raise (TransientError if isinstance(trouble.error, DatabaseError) else TerminalError)(
            trouble.sentence
        ) from trouble.error


def begin_replay_runs(cursor: CursorWrapper, sources: Iterable[str], *, author: str) -> list[SourceImport]:
    """Record a run for each source and take its advisory lock, which keeps imports out until the transaction ends."""
    works = []
    # Sorted, so that two calls over several sources take their locks in one order and cannot deadlock.
    for name in sorted(set(sources)):
        run = ImportRun(source=name, kind=ImportRun.Kind.REPLAY, requested_by=author, host=socket.gethostname())
        run.process_id = os.getpid()
        run.save(using=cursor.db.alias, force_insert=True)
        take_source_lock(cursor, source=name, run=str(run.pk))
        works.append(SourceImport(cursor=cursor, source=source_named(name), run=str(run.pk), progress=Progress()))
    return works


def end_replay_run(work: SourceImport) -> None:
    """Record the run's end; delete the record of a run that changed no row."""
    run = ImportRun.objects.using(work.cursor.db.alias).filter(pk=work.run)
    if not any(counts.read for counts in work.outcome.tables.values()):
        work.outcome.tables.clear()
        run.delete()
        return
    report = SourceReport(source=work.source.name, status="completed", tables=work.outcome.tables)
    order = next_run_number(work.cursor.db.alias, work.source.name)
    run.update(status=report.status, finished_at=Now(), landed_order=order, tables=report.as_json()["tables"])


def runs_with_changes(works: list[SourceImport]) -> tuple[UUID, ...]:
    """Return the runs that changed something."""
    return tuple(UUID(work.run) for work in works if work.outcome.tables)


def require_reason(reason: str) -> str:
    """Return the reason; raises NoReasonError where there is none."""
    if not reason.strip():
        raise NoReasonError("say why: the reason is kept with the rows")
    return reason.strip()


def require_distinct_ids(ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """Return the ids; raises UnfitFixError where there are none, or one comes twice."""
    named = tuple(ids)
    if not named:
        raise UnfitFixError("no row was named")
    if len(set(named)) != len(named):
        raise UnfitFixError("a row was named twice; say once what becomes of it")
    return named
