"""Write SourceSync: what the last look at a source's file found, whether a command, a page or a job looked.

Called by importing, syncing and undoing; legacy_import.admin.sync_status puts it in words.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Q
from django.utils import timezone

from legacy_import.models import ImportRun, SourceSync
from legacy_import.pipeline.report import SourceReport
from synapse.foundation.containment import contain_errors
from synapse.foundation.databases import BUSINESS_CORE

_logger: Final = logging.getLogger(__name__)


def record_synced_import(source: str, report: SourceReport, *, run: UUID, fingerprint: str, began_at: datetime) -> None:
    """Keep that an import merged what the file held at `began_at`, and under which fingerprint it was read."""
    found: dict[str, Any] = {"in_step_at": began_at, "run_id": run, "reading": fingerprint, "error": ""}
    if report.has_changes:
        found["changed_at"] = began_at
    with _log_instead_of_raising(source):
        _upsert_source_sync(source, began_at, found, is_import=True)


def record_sync_failure(source: str, sentence: str, *, began_at: datetime) -> None:
    """Keep why the source could not be brought in step; `in_step_at`, when it last was, stays."""
    with _log_instead_of_raising(source, level=logging.INFO):
        _upsert_source_sync(source, began_at, {"error": sentence})


def record_unchanged_file(source: str, *, run: UUID, fingerprint: str, began_at: datetime) -> None:
    """Keep that the file still held at `began_at` what the run landed; nothing where another has landed since.

    The fingerprint is written too: one that an earlier version stored is accepted for this version only.
    """
    with _log_instead_of_raising(source):
        syncs = SourceSync.objects.using(BUSINESS_CORE).filter(source=source, run_id=run)
        is_older = Q(checked_at__lte=began_at) | Q(checked_at__gt=timezone.now())
        # A record from the future was written by a clock that ran ahead: it must not block all later looks.
        syncs.filter(is_older).update(checked_at=began_at, in_step_at=began_at, reading=fingerprint, error="")


def import_held_sentence(source: str, undo: ImportRun) -> str:
    """Return why a source whose import somebody has undone is not pulled in again by the clock."""
    return (
        f"{source}: {undo.requested_by or 'somebody'} has undone its import at "
        f"{timezone.localtime(undo.started_at):%Y-%m-%d %H:%M}, so it is left alone until a person imports it again."
    )


def _upsert_source_sync(source: str, began_at: datetime, found: dict[str, Any], *, is_import: bool = False) -> None:
    """Write what was found, unless a look that began later has written already (the latest look wins).

    One that began later and failed was refused while this import was at work: the import is written all the same.
    """
    with transaction.atomic(using=BUSINESS_CORE):
        syncs = SourceSync.objects.using(BUSINESS_CORE)
        sync, is_new = syncs.select_for_update().get_or_create(
            source=source, defaults={"checked_at": began_at, **found}
        )
        # Two may have looked at once; what the later one saw stays, unless a clock that was wrong says it was later.
        is_latest = sync.checked_at <= began_at or sync.checked_at > timezone.now()
        if not is_new and (is_latest or (is_import and sync.error)):
            checked_at = began_at if is_latest else sync.checked_at
            syncs.filter(pk=source).update(checked_at=checked_at, **found)


@contextmanager
def _log_instead_of_raising(source: str, *, level: int = logging.WARNING) -> Iterator[None]:
    """Log a failure to write the record: an import that is committed must not be reported as failed for it.

    The next look then finds an old record and imports the file again in full, which changes nothing.
    """
    with contain_errors(f"{source}: that it was looked at", source=source):
        try:
            yield
        except (DatabaseError, InterfaceError) as error:
            # One line on a terminal; a source that is in trouble has said why, and a full disk is no second trouble.
            reason = str(error).strip().partition("\n")[0]
            _logger.log(level, "%s: that it was looked at could not be noted: %s", source, reason)
