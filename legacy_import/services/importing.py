"""Import legacy files into PostgreSQL: each source in a transaction of its own, with its run's record and a report.

Called by the command import_legacy, the job import-source, and the delta sync (syncing). An import is idempotent: rows
that are in already are found unchanged. The steps within the transaction are legacy_import.pipeline.source_import's.
"""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from legacy_import.errors import TerminalError
from legacy_import.failures import contain_failure
from legacy_import.mapping import Source
from legacy_import.models import ImportRun, SourceWithdrawal
from legacy_import.pipeline.diff.table_staging import whole_import_note
from legacy_import.pipeline.fingerprint import import_fingerprint
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.report import SourceReport, SourceStatus, TableCounts
from legacy_import.pipeline.snapshot.live_file import is_present_or_unreadable
from legacy_import.pipeline.snapshot.snapshot import Snapshot, take_snapshot
from legacy_import.pipeline.source_import import SourceImport
from legacy_import.pipeline.source_lock import take_source_lock
from legacy_import.run_order import next_run_number
from legacy_import.services.diff_base import choose_diff_base
from legacy_import.services.import_events import log_import, log_import_start
from legacy_import.services.import_preparation import ImportPreparation
from legacy_import.services.quarantine_notices import update_quarantine_notices
from legacy_import.services.row_losses import ask_about_loss, delete_loss_question
from legacy_import.services.run_records import close_dead_runs, record_unsuccessful_end
from legacy_import.services.source_sync_records import record_sync_failure, record_synced_import
from legacy_import.services.statistics import analyze_after_commit
from legacy_import.services.unchanged_file import Look, find_last_import
from legacy_import.source_decisions import (
    find_withdrawal,
    is_deletion_confirmed,
    withdrawal_sentence,
    withdrawn_sources,
)
from synapse.foundation.materialized_views import refresh_views_without_waiting


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is asked for. `requested_by` is a person or a job; a dry run judges everything and changes nothing.

    `unless` is asked once nobody else can import the source or undo an import of it: a sentence is why not to begin.
    `look` is what was found of the source's file just before: its snapshot is imported, unless another import came in
    between.
    """

    legacy_dir: Path
    requested_by: str = ""
    dry_run: bool = False
    unless: Callable[[Source], str] = lambda _source: ""
    look: Look | None = None


def import_sources(
    sources: Sequence[Source], request: ImportRequest, *, progress: Progress | None = None, skip_withdrawn: bool = False
) -> list[SourceReport]:
    """Import each source in its own transaction; one that fails leaves the others be.

    With `skip_withdrawn` a withdrawn source is passed over, and its report's remark says so; without, it fails.
    """
    skipped = {one.source: one for one in _withdrawn_reports(sources, request)} if skip_withdrawn else {}
    preparation = ImportPreparation([source for source in sources if source.name not in skipped])
    return [
        skipped.get(source.name) or import_source(source, request, progress=progress, preparation=preparation)
        for source in sources
    ]


def _withdrawn_reports(sources: Sequence[Source], request: ImportRequest) -> Iterator[SourceReport]:
    try:
        withdrawn = withdrawn_sources()
    except (DatabaseError, InterfaceError):
        return  # each import says what is wrong with the databases
    for source in sources:
        if withdrawal := withdrawn.get(source.name):
            yield SourceReport(source.name, "completed", notes=(_withdrawn_note(source, withdrawal, request),))


def _withdrawn_note(source: Source, withdrawal: SourceWithdrawal, request: ImportRequest) -> str:
    is_there = is_present_or_unreadable(request.legacy_dir / source.path)
    return withdrawal_sentence(withdrawal, path=source.path, is_there=is_there)


@log_import
def import_source(
    source: Source,
    request: ImportRequest,
    *,
    progress: Progress | None = None,
    preparation: ImportPreparation | None = None,
) -> SourceReport:
    """Import one source, wholly or not at all; a failure is a report with one sentence, never an exception.

    `preparation` knows the sources that are imported together with this one; None where it is alone.
    """
    run = ImportRun(source=source.name, requested_by=request.requested_by, host=socket.gethostname())
    run.process_id = os.getpid()
    # What the import will have read is the file as it was then.
    began_at, fingerprint = request.look.began_at if request.look else timezone.now(), ""
    log_import_start(run)
    with (
        contain_failure(source.name) as trouble,
        _record_interruption(source, request, run),
        ask_about_loss(source, dry_run=request.dry_run),
    ):
        fingerprint = import_fingerprint(source.database)
        if withdrawal := find_withdrawal(source.name):
            raise TerminalError(f"{source.name}: {_withdrawn_note(source, withdrawal, request)}")
        if not request.dry_run:
            # Committed before the import's own transaction begins, so that other sessions see that it runs.
            run.save(using=source.database, force_insert=True)
        (preparation or ImportPreparation((source,))).prepare_import(
            source, legacy_dir=request.legacy_dir, requested_by=request.requested_by, dry_run=request.dry_run
        )
        report = _import_in_transaction(source, request, run, progress or Progress())
    if trouble:
        landed = _record_failure(source, request, run, status=ImportRun.Status.FAILED, sentence=trouble.sentence)
        needs_person = isinstance(trouble.error, TerminalError)
        report = landed or SourceReport(source.name, "failed", error=trouble.sentence, needs_person=needs_person)
    if not request.dry_run:
        _record_outcome(source, report, run=run.pk, fingerprint=fingerprint, began_at=began_at)
    return report


def _record_outcome(source: Source, report: SourceReport, *, run: UUID, fingerprint: str, began_at: datetime) -> None:
    """Tell the sync's record, the notices and the question about lost rows how the import ended."""
    if report.error is not None:
        if source.is_declared:
            record_sync_failure(source.name, report.error, began_at=began_at)
        return
    delete_loss_question(source.name)
    # No clock keeps an undeclared file in step, and nothing of it is quarantined.
    if source.is_declared:
        record_synced_import(source.name, report, run=run, fingerprint=fingerprint, began_at=began_at)
        update_quarantine_notices([source], runs=[run])


@contextmanager
def _record_interruption(source: Source, request: ImportRequest, run: ImportRun) -> Iterator[None]:
    """Write into the run's record that a person stopped it."""
    try:
        yield
    except KeyboardInterrupt:
        _record_failure(source, request, run, status=ImportRun.Status.INTERRUPTED, sentence="stopped by hand")
        raise


def _import_in_transaction(source: Source, request: ImportRequest, run: ImportRun, progress: Progress) -> SourceReport:
    """Lock the source, snapshot its file and carry its rows over: one transaction, which a dry run rolls back."""
    alias = source.database
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        if request.dry_run:
            run.save(using=alias, force_insert=True)
        work = SourceImport(cursor=cursor, source=source, run=str(run.pk), progress=progress)
        work.prepare_session()
        progress.enter_stage(source.name, "lock")
        take_source_lock(cursor, source=source.name, run=str(run.pk))
        # Only below the lock: whoever else says `running` cannot hold it any more, so it was killed.
        close_dead_runs(alias, sources=[source.name], alive=[run.pk])
        if reason := request.unless(source):
            raise TerminalError(reason)
        # The snapshot is taken below the lock: no run can merge an older one after a newer one.
        progress.enter_stage(source.name, "snapshot")
        with _take_source_snapshot(source, request) as snapshot:
            confirmed = is_deletion_confirmed(source.name, snapshot.sha256)
            base, why_whole = choose_diff_base(source, snapshot)
            if why_whole:
                work.outcome.notes.append(whole_import_note(why_whole))
            outcome = work.import_snapshot(snapshot, base=base, loss_is_confirmed=confirmed)
        quarantined = any(counts.quarantined for counts in outcome.tables.values())
        status: SourceStatus = "quarantined" if quarantined else "completed"
        report = SourceReport(source.name, status, outcome.tables, notes=tuple(outcome.notes))
        _record_success(run, snapshot, report)
        progress.enter_stage(source.name, "refresh")
        if any(counts.read != counts.unchanged for counts in outcome.tables.values()):
            analyze_after_commit(alias, outcome.written_to)
        # In the same transaction, so that no reader sees new rows beside old sums.
        if outcome.written_to:
            refresh_views_without_waiting(alias=alias)
        progress.enter_stage(source.name, "commit")
        if request.dry_run:
            transaction.set_rollback(True, using=alias)
    return report


@contextmanager
def _take_source_snapshot(source: Source, request: ImportRequest) -> Iterator[Snapshot]:
    """Yield a snapshot of the source's file: one that is kept, or for a dry run one that goes away again.

    That of the look, unless an import that landed since may have read a newer one.
    """
    look, landed = request.look, find_last_import(source)
    if look and look.snapshot and landed and landed.pk == look.landed:
        yield look.snapshot
        return
    passing = TemporaryDirectory(prefix="synapse-dry-run-") if request.dry_run else nullcontext("")
    with passing as folder:
        yield take_snapshot(
            request.legacy_dir / source.path,
            directory=Path(folder) if request.dry_run else settings.BACKUP_DIR / source.snapshot_folder,
            lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
            now=timezone.now(),
            keep=not request.dry_run,
        )


def _record_success(run: ImportRun, snapshot: Snapshot, report: SourceReport) -> None:
    """Write that the run ended well, in the import's own transaction: both are committed or neither."""
    alias = run._state.db or ""
    ImportRun.objects.using(alias).filter(pk=run.pk).update(
        status=report.status,
        finished_at=Now(),
        landed_order=next_run_number(alias, run.source),
        snapshot_path=str(snapshot.path),
        snapshot_sha256=snapshot.sha256,
        snapshot_size_bytes=snapshot.size_bytes,
        tables=report.as_json()["tables"],
        notes=list(report.notes),
    )


def _record_failure(
    source: Source, request: ImportRequest, run: ImportRun, *, status: ImportRun.Status, sentence: str
) -> SourceReport | None:
    """Write that the run failed or was interrupted, outside the transaction that was rolled back.

    Where the connection was lost during the COMMIT and the server did commit, nothing is written and the good report
    returned.
    """
    # A dry run's record was rolled back with it; without a database the run was never saved.
    if request.dry_run or not run._state.db:
        return None
    ended_well = record_unsuccessful_end(source.database, [run.pk], status=status, sentence=sentence)
    if not ended_well:
        return None
    (landed,) = ended_well
    return SourceReport(
        source=source.name,
        status="quarantined" if landed.status == ImportRun.Status.QUARANTINED else "completed",
        tables={name: TableCounts(**figures) for name, figures in landed.tables.items()},
        notes=tuple(landed.notes),
    )
