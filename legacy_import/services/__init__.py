"""What the commands, the jobs and the admin ask for: one module for each verb, each verb whole.

What lives here: transactions, records, reports. What does not: drawing and parsing.
"""

from legacy_import.services.choosing_values import (
    ChoiceRefusedError,
    ShownDivergence,
    choose_kept,
    choose_other,
    divergence_token,
    undo_choice,
)
from legacy_import.services.dumps import (
    BY_HAND,
    DAILY,
    DatabaseRestoreRequest,
    DatabaseRestoreResult,
    alias_named,
    dump_before_change,
    dump_database,
    has_dump_since,
    is_dump_due,
    list_dumps,
    prune_dumps,
    restore_database,
    verify_dumps,
)
from legacy_import.services.exporting import export_sources
from legacy_import.services.importing import ImportRequest, import_source, import_sources
from legacy_import.services.legacy_folder import why_nothing_to_read
from legacy_import.services.settlement_transaction import RefusedRow, SettlementResult
from legacy_import.services.settling import RowFix, archive_rows, fix_rows, replay_rows
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
from legacy_import.services.withdrawing import withdraw_settlements

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
    "alias_named",
    "archive_rows",
    "choose_kept",
    "choose_other",
    "divergence_token",
    "dump_before_change",
    "dump_database",
    "export_sources",
    "fix_rows",
    "has_dump_since",
    "import_source",
    "import_sources",
    "is_dump_due",
    "last_validation",
    "list_dumps",
    "list_snapshots",
    "prune_dumps",
    "prune_snapshots",
    "replay_rows",
    "restore_database",
    "restore_snapshot",
    "source_states",
    "sync_source",
    "sync_sources",
    "undo_choice",
    "validate_and_record",
    "validate_data",
    "verify_dumps",
    "verify_snapshots",
    "why_nothing_to_read",
    "withdraw_settlements",
]
