"""Delta sync: import each source whose file has changed since its last import, and only look at the others.

Called by the job sync-legacy every quarter of an hour. The proof that a file is unchanged is unchanged_file's, the
import importing's. A source whose import a person has undone is held: no clock imports it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from django.utils import timezone

from legacy_import.errors import TerminalError
from legacy_import.failures import contain_failure
from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.pipeline.fingerprint import import_fingerprint
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.snapshot.live_file import is_present_or_unreadable
from legacy_import.run_order import NEWEST_FIRST
from legacy_import.running_imports import lock_holders
from legacy_import.services.import_preparation import ImportPreparation
from legacy_import.services.importing import ImportRequest, import_source
from legacy_import.services.legacy_folder import LANDED_STATUSES
from legacy_import.services.row_losses import delete_loss_question
from legacy_import.services.run_records import delete_repeated_failure
from legacy_import.services.source_sync_records import import_held_sentence, record_sync_failure, record_unchanged_file
from legacy_import.services.unchanged_file import Look, find_last_import, look_at_file
from legacy_import.source_decisions import find_withdrawal, withdrawal_sentence


class SyncState(StrEnum):
    """What became of a source at a tick."""

    UNCHANGED = "unchanged"
    IMPORTED = "imported"
    BUSY = "busy"
    ABSENT = "absent"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of one source; `sentence` is empty where it is unchanged. `needs_person` as of a report."""

    source: str
    state: SyncState
    sentence: str = ""
    needs_person: bool = False


def sync_sources(
    sources: Sequence[Source], request: ImportRequest, *, progress: Progress | None = None
) -> list[SyncResult]:
    """Bring each source in step with its file, one after the other; one that fails leaves the others be."""
    preparation = ImportPreparation(sources)
    return [sync_source(source, request, progress=progress, preparation=preparation) for source in sources]


def sync_source(
    source: Source,
    request: ImportRequest,
    *,
    progress: Progress | None = None,
    preparation: ImportPreparation | None = None,
) -> SyncResult:
    """Import the source where its file has changed; where it has not, only note that somebody looked.

    A failure is an answer with one sentence, never an exception.
    """
    began_at, look = timezone.now(), None
    (progress or Progress()).enter_stage(source.name, "snapshot")
    with contain_failure(source.name, source=source.name) as trouble:
        # Without the source's lock: a look must not wait for an import, nor hold one up.
        landed = find_last_import(source)
        answer = _skipped_result(source, landed, request.legacy_dir)
        if answer is None and landed:
            look = look_at_file(source, landed, legacy_dir=request.legacy_dir, now=began_at)
            answer = _note_unchanged_file(source, look) if look.is_unchanged else None
    if trouble:
        needs_person = isinstance(trouble.error, TerminalError)
        answer = SyncResult(source.name, SyncState.FAILED, trouble.sentence, needs_person=needs_person)
    if answer is None:
        # Asked again below the source's lock, which keeps undos out (see _UndoneImportCheck).
        hold = _UndoneImportCheck()
        due = replace(request, unless=hold, look=look)
        report = import_source(source, due, progress=progress, preparation=preparation)
        if report.error is not None:
            with contain_failure(source.name, source=source.name):
                delete_repeated_failure(source)
        if report.error is None:
            return SyncResult(report.source, SyncState.IMPORTED, f"{report.source}: {report.describe_outcomes()}.")
        if hold.was_found:
            return SyncResult(report.source, SyncState.HELD, report.error)
        return SyncResult(report.source, SyncState.FAILED, report.error, needs_person=report.needs_person)
    if answer.state in {SyncState.FAILED, SyncState.HELD}:
        record_sync_failure(source.name, answer.sentence, began_at=began_at)
    return answer


def _note_unchanged_file(source: Source, look: Look) -> SyncResult:
    fingerprint = import_fingerprint(source.database)
    record_unchanged_file(source.name, run=look.landed, fingerprint=fingerprint, began_at=look.began_at)
    delete_loss_question(source.name)
    return SyncResult(source.name, SyncState.UNCHANGED)


def _skipped_result(source: Source, landed: ImportRun | None, legacy_dir: Path) -> SyncResult | None:
    """Return why the source is not looked at (withdrawn, busy, held, absent); whether its file changed comes after."""
    is_there = is_present_or_unreadable(legacy_dir / source.path)
    if withdrawal := find_withdrawal(source.name):
        sentence = withdrawal_sentence(withdrawal, path=source.path, is_there=is_there)
        return SyncResult(source.name, SyncState.WITHDRAWN, f"{source.name}: {sentence}")
    if source.name in lock_holders(source.database, [source.name]):
        return SyncResult(source.name, SyncState.BUSY, f"{source.name}: somebody imports it right now.")
    if held := _held_sentence(source, landed):
        return SyncResult(source.name, SyncState.HELD, held)
    imports = ImportRun.objects.using(source.database).filter(source=source.name, kind=ImportRun.Kind.IMPORT)
    was_ever_landed = imports.filter(status__in=LANDED_STATUSES)
    if not is_there and not was_ever_landed.exists():
        return SyncResult(source.name, SyncState.ABSENT, f"{source.name}: there is no file {source.path}.")
    return None


class _UndoneImportCheck:
    """Ask once more whether somebody has undone an import, now that the source's lock keeps undos out.

    Without it an undo that commits between the look and the import would be overruled (a check-then-act race).
    """

    was_found = False

    def __call__(self, source: Source) -> str:
        """Return why the source is left alone, empty where it is not."""
        sentence = _held_sentence(source, find_last_import(source))
        self.was_found = bool(sentence)
        return sentence


def _held_sentence(source: Source, landed: ImportRun | None) -> str:
    """Return why the source is held: an import was undone and nobody has imported it since; empty where none was.

    The job's clock does not overrule the person who undid it.
    """
    runs = ImportRun.objects.using(source.database).filter(source=source.name)
    undone = runs.filter(kind=ImportRun.Kind.IMPORT, status=ImportRun.Status.UNDONE)
    undos = runs.filter(kind=ImportRun.Kind.UNDO, status__in=ImportRun.FINISHED, undoes__in=undone.values("pk"))
    if landed:
        # By the order of commits, not by time: the machine's clock may have been set back in between.
        undos = undos.filter(landed_order__gt=landed.landed_order or 0)
    undo = undos.order_by(*NEWEST_FIRST).first()
    return import_held_sentence(source.name, undo) if undo else ""
