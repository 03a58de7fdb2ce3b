"""Withdraw a source whose file was deleted for good, and take that back.

Called by the sources' page and the command legacy_sources. Imports of all, the sync and validation then pass it over
(legacy_import.source_decisions); its rows stay, and its last snapshot, which is checked first, is never pruned.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from legacy_import.backups.catalogue import read_catalogue
from legacy_import.backups.checking import check_backup
from legacy_import.backups.snapshots.kind import SNAPSHOTS
from legacy_import.errors import TerminalError
from legacy_import.mapping import Source
from legacy_import.models import ImportRun, SourceSync, SourceWithdrawal
from legacy_import.pipeline.snapshot.live_file import is_present_or_unreadable
from legacy_import.running_imports import lock_holders
from legacy_import.services.legacy_folder import explain_missing_files
from legacy_import.services.unchanged_file import find_last_import
from legacy_import.source_decisions import describe_withdrawal, find_withdrawal
from legacy_import.validation.legacy_files import SnapshotLostError, find_kept_snapshot
from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.logs.logged_calls import log_calls


def _withdrawal_log_fields(_call: Mapping[str, Any], withdrawal: SourceWithdrawal) -> dict[str, Any]:
    return {
        "source": withdrawal.source,
        "by": withdrawal.taken_back_by or withdrawal.withdrawn_by,
        "snapshot": withdrawal.snapshot_path,
    }


@log_calls("source.withdrawn", _withdrawal_log_fields)
def withdraw_source(source: Source, *, legacy_dir: Path, withdrawn_by: str) -> SourceWithdrawal:
    """Withdraw a source whose file is gone, once the snapshot that it was last imported from is found sound.

    Raises TerminalError where the file is still there, the folder as a whole is lost, or the snapshot is not sound.
    """
    if withdrawal := find_withdrawal(source.name):
        raise TerminalError(f"{source.name}: it is {describe_withdrawal(withdrawal)} already.")
    if is_present_or_unreadable(legacy_dir / source.path):
        raise TerminalError(
            f"{source.name}: its file {source.path} is still in the legacy folder; a source is withdrawn once its file"
            " is gone for good."
        )
    # A share that is not mounted looks like files that were deleted.
    explain_missing_files(legacy_dir)
    if source.name in lock_holders(source.database, [source.name]):
        raise TerminalError(f"{source.name}: somebody imports it right now; try again when it is done.")
    run = find_last_import(source)
    snapshot = _require_sound_snapshot(source, run) if run else None
    withdrawal = SourceWithdrawal(
        source=source.name,
        withdrawn_at=timezone.now(),
        withdrawn_by=withdrawn_by,
        snapshot_path=str(snapshot) if snapshot else "",
        snapshot_sha256=run.snapshot_sha256 if run else "",
    )
    try:
        with transaction.atomic(using=BUSINESS_CORE):
            withdrawal.save(using=BUSINESS_CORE, force_insert=True)
            # That its file could not be read is no trouble any more.
            SourceSync.objects.using(BUSINESS_CORE).filter(source=source.name).update(error="")
    except IntegrityError as error:
        raise TerminalError(f"{source.name}: somebody else withdrew it just now.") from error
    return withdrawal


@log_calls("source.withdrawal_taken_back", _withdrawal_log_fields)
def take_back_withdrawal(source: str, *, taken_back_by: str) -> SourceWithdrawal:
    """Let the source be imported again. Raises TerminalError where it is not withdrawn."""
    with transaction.atomic(using=BUSINESS_CORE):
        in_force = SourceWithdrawal.objects.using(BUSINESS_CORE).select_for_update()
        withdrawal = in_force.filter(source=source, taken_back_at__isnull=True).first()
        if withdrawal is None:
            raise TerminalError(f"{source}: it is not withdrawn.")
        withdrawal.taken_back_at = timezone.now()
        withdrawal.taken_back_by = taken_back_by
        withdrawal.save(using=BUSINESS_CORE)
    return withdrawal


def _require_sound_snapshot(source: Source, run: ImportRun) -> Path:
    """Return where the snapshot is that the source was last imported from, checked."""
    way_out = (
        f"manage.py export_legacy --source={source.name} rebuilds the file: put it into the legacy folder, import it,"
        " and withdraw the source then"
    )
    try:
        path = find_kept_snapshot(run)
    except SnapshotLostError as error:
        raise TerminalError(
            f"{source.name}: it was not withdrawn, for its last snapshot {run.snapshot_path} is gone or damaged."
            f" {way_out[0].upper()}{way_out[1:]}."
        ) from error
    catalogue = read_catalogue(SNAPSHOTS, source.name, path.parent)
    kept = next((one for one in catalogue.backups if one.path == path), None)
    finding = check_backup(SNAPSHOTS, kept) if kept else None
    if kept is None or (finding and not finding.is_faithful):
        problem = finding.problem if finding else "it is not where snapshots are kept"
        raise TerminalError(
            f"{source.name}: it was not withdrawn, for its last snapshot {path} is not sound: {problem}. {way_out}."
        )
    return path
