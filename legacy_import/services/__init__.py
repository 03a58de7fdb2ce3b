"""What the commands, the jobs and the admin ask for: one verb each, whole, with its transaction, record and report.

    import_source, import_sources              importing               legacy files into PostgreSQL, idempotent
    sync_source, sync_sources                  syncing                 the same, only where a file has changed
    explain_missing_files                      legacy_folder           the legacy files: there, switched off, or lost
    source_states, last_validation             source_states           the state of each source, in a sentence
    fix_, archive_,
    replay_quarantined_rows                    settling                decisions about quarantined rows
    withdraw_settlements, withdraw_step        withdrawing             such decisions taken back
    keep_current_, take_other_values,
    undo_choice                                choosing_values         conflict resolution of divergences
    undo_run (not exported here)               undoing                 a run taken back
    validate_data, validate_and_record         validating              PostgreSQL compared with the legacy files
    export_sources                             exporting               the legacy files rebuilt from PostgreSQL
    list_, verify_, prune_snapshots,
    restore_snapshot                           snapshots               the 30-day copies of the legacy files
    dump_database, list_, verify_, prune_dumps,
    restore_database, is_dump_due              dumps                   the databases' dumps

The other modules are steps of these: import_preparation, unchanged_file, diff_base, run_records, source_sync_records,
settlement_transaction, choice_refusals, quarantine_notices; prune_steps are those of the nightly pruning;
legacy_tables, file_limits, quarantine_counts and unread_inquiries read what the files hold, what SQLite lacks of it,
and what waits.
"""

from legacy_import.services.choosing_values import (
    ChoiceRefusedError,
    ShownDivergence,
    divergence_token,
    keep_current_values,
    take_other_values,
    undo_choice,
)
from legacy_import.services.dumps import (
    BY_HAND,
    DAILY,
    DatabaseRestoreRequest,
    DatabaseRestoreResult,
    dump_before_change,
    dump_database,
    find_database_alias,
    has_dump_since,
    is_dump_due,
    list_dumps,
    prune_dumps,
    restore_database,
    verify_dumps,
)
from legacy_import.services.exporting import export_sources
from legacy_import.services.file_limits import read_file_limits
from legacy_import.services.importing import ImportRequest, import_source, import_sources
from legacy_import.services.legacy_folder import explain_missing_files
from legacy_import.services.settlement_transaction import RefusedRow, SettlementResult
from legacy_import.services.settling import (
    RowFix,
    archive_quarantined_rows,
    fix_quarantined_rows,
    replay_quarantined_rows,
)
from legacy_import.services.snapshots import (
    RestoredSnapshot,
    SnapshotEntry,
    SnapshotRestoreRequest,
    list_snapshots,
    prune_snapshots,
    restore_snapshot,
    verify_snapshots,
)
from legacy_import.services.source_states import SourceState, State, last_validation, source_states
from legacy_import.services.syncing import SyncResult, SyncState, sync_source, sync_sources
from legacy_import.services.validating import RecordedValidation, validate_and_record, validate_data
from legacy_import.services.withdrawing import withdraw_settlements, withdraw_step

__all__ = [
    "BY_HAND",
    "DAILY",
    "ChoiceRefusedError",
    "DatabaseRestoreRequest",
    "DatabaseRestoreResult",
    "ImportRequest",
    "RecordedValidation",
    "RefusedRow",
    "RestoredSnapshot",
    "RowFix",
    "SettlementResult",
    "ShownDivergence",
    "SnapshotEntry",
    "SnapshotRestoreRequest",
    "SourceState",
    "State",
    "SyncResult",
    "SyncState",
    "archive_quarantined_rows",
    "divergence_token",
    "dump_before_change",
    "dump_database",
    "explain_missing_files",
    "export_sources",
    "find_database_alias",
    "fix_quarantined_rows",
    "has_dump_since",
    "import_source",
    "import_sources",
    "is_dump_due",
    "keep_current_values",
    "last_validation",
    "list_dumps",
    "list_snapshots",
    "prune_dumps",
    "prune_snapshots",
    "read_file_limits",
    "replay_quarantined_rows",
    "restore_database",
    "restore_snapshot",
    "source_states",
    "sync_source",
    "sync_sources",
    "take_other_values",
    "undo_choice",
    "validate_and_record",
    "validate_data",
    "verify_dumps",
    "verify_snapshots",
    "withdraw_settlements",
    "withdraw_step",
]
