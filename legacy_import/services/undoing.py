"""Undo a run, with the later runs that build on its rows: one transaction, after a dump of the database.

Called by the command undo_import and the run's page (legacy_import.admin.undo_page). What is restored, from the change
log and the before-images, is legacy_import.undo's; here are which runs may be undone, the locks, and the undo's run.
"""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.functions import Now
from django.utils import timezone

from legacy_import.errors import LegacyImportError, TerminalError, TransientError
from legacy_import.failures import contain_failure, failure_sentence
from legacy_import.models import ImportRun
from legacy_import.pipeline.edits import read_change_position
from legacy_import.pipeline.merge_attempts import retry_while_held
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.row_locks import RowsEditedError, give_way
from legacy_import.pipeline.source_import import SourceImport
from legacy_import.pipeline.source_lock import lock_tables, take_merge_turn, take_source_lock
from legacy_import.run_order import NEWEST_FIRST, next_run_number
from legacy_import.services.dumps import dump_before_change
from legacy_import.services.quarantine_notices import update_quarantine_notices
from legacy_import.services.run_records import close_dead_runs, record_unsuccessful_end
from legacy_import.services.source_sync_records import import_held_sentence, record_sync_failure
from legacy_import.services.statistics import analyze_after_commit
from legacy_import.undeclared.listing import forget_archived_state
from legacy_import.undeclared.sources import find_source, source_of_run
from legacy_import.undo.dependent_runs import runs_depending_on
from legacy_import.undo.outcome import UndoneRun
from legacy_import.undo.pruning import is_pruned, prune_before_images
from legacy_import.undo.take_back import revert_run
from synapse.foundation.containment import reset_broken_connections
from synapse.foundation.databases import ALIASES
from synapse.foundation.logs.logged_calls import log_calls
from synapse.foundation.materialized_views import refresh_views_without_waiting

_MAX_NOTED_LEFT: Final = 200
"""How many of the things left the notes of an undo's own run name; the report lists more."""


@dataclass(frozen=True, slots=True)
class UndoRequest:
    """What is asked for. `with_later` also undoes the runs that build on this one; a dry run is rolled back."""

    alias: str
    run: UUID
    requested_by: str = ""
    with_later: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class UndoReport:
    """The runs that were taken back, the newest first; `dump` is where the database was dumped to before."""

    undone: tuple[UndoneRun, ...]
    dump: str

    def as_json(self) -> dict[str, Any]:
        """Return the report in the shape of the command line's contract."""
        return {"undone": [one.as_json() for one in self.undone], "dump": self.dump or None}


def _undo_log_fields(call: Mapping[str, Any], report: UndoReport) -> dict[str, Any]:
    request: UndoRequest = call["request"]
    runs = [str(one.run.pk) for one in report.undone]
    return {"import_run": str(request.run), "runs": runs, "dump": report.dump, "dry_run": request.dry_run}


class LaterRunsError(TerminalError):
    """Later runs build on the one that was to be undone; `runs` are they, the newest first."""

    def __init__(self, run: ImportRun, runs: Sequence[ImportRun]) -> None:
        named = ", ".join(describe_run(one) for one in runs)
        super().__init__(
            f"{describe_run(run)}: later runs stand on it and have to be undone first (or with it): {named}"
        )
        self.runs = tuple(runs)


@log_calls("import.undone", _undo_log_fields)
def undo_run(request: UndoRequest) -> UndoReport:
    """Take a run back, wholly or not at all, less what people changed since: that is left and listed.

    Raises LegacyImportError, one sentence: LaterRunsError where other runs have to go first; nothing was changed then.
    """
    run = find_run(request.run, alias=request.alias)
    with contain_failure(run.source, passing=(LegacyImportError,), source=run.source) as trouble:
        chain = runs_to_undo(request.alias, run)
        if len(chain) > 1 and not request.with_later:
            raise LaterRunsError(run, chain[:-1])
        if request.dry_run:
            return UndoReport(_undo_runs(request, chain), dump="")
        # Before the transaction begins: pg_dump is another session, and would wait for the tables that this one locks.
        dump = dump_before_change(request.alias, f"undo of {run.source}", request.requested_by)
        with _recorded_undo_runs(request, chain) as records:
            undone = _undo_runs(request, chain, records)
        # The undo is committed by now: record that its sources are not in step with their files any more.
        for undone_run, record in zip(chain, records, strict=True):
            undo = ImportRun.objects.using(request.alias).get(pk=record.pk)
            source = source_of_run(undone_run.source)
            if not source.is_declared:
                forget_archived_state(source.path)
                continue
            if undone_run.kind == ImportRun.Kind.IMPORT:
                sentence = import_held_sentence(undone_run.source, undo)
                record_sync_failure(undone_run.source, sentence, began_at=timezone.now())
            update_quarantine_notices([source], is_news=False)
        return UndoReport(undone, dump=str(dump))
    raise TerminalError(trouble.sentence) from trouble.error


def runs_to_undo(alias: str, run: ImportRun) -> list[ImportRun]:
    """Return the runs that an undo of this one takes back, the newest first, this one last.

    Raises TerminalError where one of them can't be undone.
    """
    require_undoable(alias, run)
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        chain = [*runs_depending_on(cursor, run), run]
    for one in chain:
        require_undoable(alias, one)
    return chain


def require_undoable(alias: str, run: ImportRun) -> None:
    """Raise TerminalError, which says why, where the run can't be undone whatever else happened."""
    words = describe_run(run)
    if run.kind == ImportRun.Kind.UNDO:
        raise TerminalError(f"{words} is itself an undo: import again to have its rows back")
    if run.status == ImportRun.Status.UNDONE:
        raise TerminalError(f"{words} has been undone already")
    if run.status not in ImportRun.FINISHED:
        raise TerminalError(f"{words} did not come to an end, so it changed nothing that could be undone")
    if is_pruned(alias, run):
        raise TerminalError(f"{words} can't be undone any more: what it found is not kept; restore a dump beside it")


def find_run(key: UUID, *, alias: str | None = None) -> ImportRun:
    """Return the run of that id, of whichever database; raises TerminalError where there is none."""
    for name in (alias,) if alias else ALIASES:
        run = ImportRun.objects.using(name).filter(pk=key).first()
        if run is not None:
            return run
    raise TerminalError(f"there is no run {key}")


def latest_import(source: str) -> ImportRun:
    """Return the source's latest import that counts; raises TerminalError, also where the source is unknown."""
    alias = find_source(source).database
    runs = ImportRun.objects.using(alias).filter(
        source=source, kind=ImportRun.Kind.IMPORT, status__in=ImportRun.FINISHED
    )
    run = runs.order_by(*NEWEST_FIRST).first()
    if run is None:
        raise TerminalError(f"{source}: there is no import that could be undone")
    return run


def prune_old_before_images(aliases: Sequence[str], *, days: int, now: datetime) -> int:
    """Prune the before-images of runs older than `days` (30 or more), which then can't be undone. Return how many rows.

    Raises TerminalError where days are fewer than 30, or PostgreSQL does not answer.
    """
    try:
        return sum(prune_before_images(alias, days, now=now) for alias in aliases)
    except DatabaseError as error:
        raise TerminalError(failure_sentence("what old imports found was not removed", error)) from error


def describe_run(run: ImportRun) -> str:
    """Return a run in words: its source, what it was, and when."""
    return f"{run.source}, {run.kind} of {timezone.localtime(run.started_at):%Y-%m-%d %H:%M:%S}"


def _undo_runs(
    request: UndoRequest, chain: Sequence[ImportRun], records: Sequence[ImportRun] = ()
) -> tuple[UndoneRun, ...]:
    """Undo the chain in one transaction, begun anew while people hold rows of it; a dry run makes its own `records`."""
    return retry_while_held(request.alias, lambda alone: _take_back_once(request, chain, records, alone=alone))


def _take_back_once(
    request: UndoRequest, chain: Sequence[ImportRun], records: Sequence[ImportRun], *, alone: bool
) -> tuple[UndoneRun, ...]:
    alias = request.alias
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            own = records or ImportRun.objects.using(alias).bulk_create(
                [_build_undo_record(request, run) for run in chain]
            )
            _lock_undo(cursor, chain, own)
            if alone:
                lock_tables(cursor)
            undone = tuple(_undo_one_run(cursor, run, record) for run, record in zip(chain, own, strict=True))
            written = {name for one in undone for name in one.touched_tables}
            analyze_after_commit(alias, written)
            if written:
                refresh_views_without_waiting(alias=alias)
            if request.dry_run:
                transaction.set_rollback(True, using=alias)
    except IntegrityError as error:
        # A row made or changed here holds a unique value that comes back; or a parent was deleted after a look at it.
        if not alone:
            raise RowsEditedError({}) from error
        reason = str(error).strip().replace("\n", " ")
        raise TerminalError(
            f"{describe_run(chain[-1])}: not undone, for a row changed here stands in the way: {reason}"
        ) from error
    return undone


def _lock_undo(cursor: CursorWrapper, chain: Sequence[ImportRun], records: Sequence[ImportRun]) -> None:
    """Take the locks of the sources and the turn to merge; raises TransientError where another run came in between.

    In the order of an import: first the sources' advisory locks, then the turn. The other way round would deadlock.
    """
    _enter_run_session(cursor, records[-1])
    for source in sorted({run.source for run in chain}):
        take_source_lock(cursor, source=source, run=str(records[-1].pk))
    take_merge_turn(cursor)
    now = [*runs_depending_on(cursor, chain[-1]), ImportRun.objects.using(cursor.db.alias).get(pk=chain[-1].pk)]
    # The chain was read, and shown to a person, before the locks were held: compare it again (check, then act).
    if [(run.pk, run.status) for run in now] != [(run.pk, run.status) for run in chain]:
        raise TransientError(f"{describe_run(chain[-1])}: another run came in between; look again and undo it then")
    for run in chain:
        # What they found may have been forgotten meanwhile; from here on the sources' locks keep it.
        require_undoable(cursor.db.alias, run)
    own = [one.pk for one in records]
    ImportRun.objects.using(cursor.db.alias).filter(pk__in=own).update(**read_change_position(cursor))
    close_dead_runs(cursor.db.alias, sources={run.source for run in chain}, alive=own)


def _enter_run_session(cursor: CursorWrapper, record: ImportRun) -> None:
    """Set the session's run to the undo's: what it writes is logged as the run's, not as a person's edit."""
    work = SourceImport(cursor=cursor, source=source_of_run(record.source), run=str(record.pk), progress=Progress())
    work.prepare_session()


def _undo_one_run(cursor: CursorWrapper, run: ImportRun, record: ImportRun) -> UndoneRun:
    """Undo one run of the chain, and write the good end of the undo's own run into its record."""
    _enter_run_session(cursor, record)
    give_way(cursor)
    undone = revert_run(cursor, run)
    runs = ImportRun.objects.using(cursor.db.alias)
    runs.filter(pk=run.pk).update(status=ImportRun.Status.UNDONE)
    notes = [*undone.sentences(), *(one.sentence() for one in undone.left[:_MAX_NOTED_LEFT])]
    if undone.left_count > _MAX_NOTED_LEFT:
        notes.append(f"and {undone.left_count - _MAX_NOTED_LEFT:,} more that are left")
    order = next_run_number(cursor.db.alias, record.source)
    runs.filter(pk=record.pk).update(
        status=ImportRun.Status.COMPLETED, finished_at=Now(), landed_order=order, notes=notes
    )
    return undone


def _build_undo_record(request: UndoRequest, run: ImportRun) -> ImportRun:
    return ImportRun(
        kind=ImportRun.Kind.UNDO,
        source=run.source,
        undoes=run.pk,
        requested_by=request.requested_by,
        host=socket.gethostname(),
        process_id=os.getpid(),
    )


@contextmanager
def _recorded_undo_runs(request: UndoRequest, chain: Sequence[ImportRun]) -> Iterator[list[ImportRun]]:
    """Commit the undo's runs before its transaction, so that other sessions see them; record a failure in them."""
    runs = ImportRun.objects.using(request.alias)
    records = runs.bulk_create([_build_undo_record(request, run) for run in chain])
    own = [one.pk for one in records]
    try:
        yield records
    except Exception as error:
        is_in_words = isinstance(error, LegacyImportError)
        sentence = str(error) if is_in_words else failure_sentence(chain[-1].source, error)
        reset_broken_connections()
        if record_unsuccessful_end(request.alias, own, status=ImportRun.Status.FAILED, sentence=sentence):
            raise TerminalError(
                f"{describe_run(chain[-1])}: it is undone, though the connection was lost as that was committed:"
                " the undo's own run tells what went"
            ) from error
        if is_in_words:
            raise
        raise TerminalError(sentence) from error
    except KeyboardInterrupt:
        record_unsuccessful_end(request.alias, own, status=ImportRun.Status.INTERRUPTED, sentence="stopped by hand")
        raise
