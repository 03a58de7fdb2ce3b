"""What the commands, the jobs and the admin ask for: one module for each verb, each verb whole.

What lives here: transactions, records, reports. What does not: drawing and parsing.
"""

from legacy_import.services.choosing_values import (
    ChoiceRefusedError,
    ShownDivergence,
    choose_kept,
    choose_other,
    token_of,
    undo_choice,
)
from legacy_import.services.dumps import (
    BY_HAND,
    DAILY,
    DatabaseRestore,
    DatabaseRestored,
    alias_named,
    dump_before,
    dump_database,
    dump_is_due,
    dumped_since,
    list_dumps,
    prune_dumps,
    restore_database,
    verify_dumps,
)
from legacy_import.services.exporting import export_sources
from legacy_import.services.importing import ImportRequest, import_source, import_sources
from legacy_import.services.legacy_folder import why_silent
from legacy_import.services.settlement_transaction import RefusedRow, Settled
from legacy_import.services.settling import RowFix, archive_rows, fix_rows, replay_rows
from legacy_import.services.snapshots import (
    BackupEntry,
    Restored,
    RestoreRequest,
    list_backups,
    prune_backups,
    restore_backup,
    verify_backups,
)
from legacy_import.services.source_states import SourceState, State, last_validation, source_states
from legacy_import.services.syncing import Synced, SyncState, sync_source, sync_sources
from legacy_import.services.validating import Validated, validate, validate_and_record
from legacy_import.services.withdrawing import withdraw

__all__ = [
    "BY_HAND",
    "DAILY",
    "BackupEntry",
    "ChoiceRefusedError",
    "DatabaseRestore",
    "DatabaseRestored",
    "ImportRequest",
    "RefusedRow",
    "RestoreRequest",
    "Restored",
    "RowFix",
    "Settled",
    "ShownDivergence",
    "SourceState",
    "State",
    "SyncState",
    "Synced",
    "Validated",
    "alias_named",
    "archive_rows",
    "choose_kept",
    "choose_other",
    "dump_before",
    "dump_database",
    "dump_is_due",
    "dumped_since",
    "export_sources",
    "fix_rows",
    "import_source",
    "import_sources",
    "last_validation",
    "list_backups",
    "list_dumps",
    "prune_backups",
    "prune_dumps",
    "replay_rows",
    "restore_backup",
    "restore_database",
    "source_states",
    "sync_source",
    "sync_sources",
    "token_of",
    "undo_choice",
    "validate",
    "validate_and_record",
    "verify_backups",
    "verify_dumps",
    "why_silent",
    "withdraw",
]
