"""The import's jobs: the delta sync, the load at a start, one source on demand, daily dumps, nightly validation.

Each module declares one job; its work is a service's (legacy_import.services), its queue synapse.kit.jobs'. The dotted
names of backup_databases and import_source are held by stored schedules and older messages: they stay importable here.
"""

from legacy_import.jobs.backups import BACKUP, backup_databases
from legacy_import.jobs.imports import (
    ARCHIVE_UNDECLARED,
    IMPORT_SOURCE,
    import_source,
    queue_archive,
    queue_import,
    waiting_imports,
)
from legacy_import.jobs.loading import LOAD_LEGACY, await_load, queue_load
from legacy_import.jobs.sync import SYNC_LEGACY
from legacy_import.jobs.validation import VALIDATE

__all__ = [
    "ARCHIVE_UNDECLARED",
    "BACKUP",
    "IMPORT_SOURCE",
    "LOAD_LEGACY",
    "SYNC_LEGACY",
    "VALIDATE",
    "await_load",
    "backup_databases",
    "import_source",
    "queue_archive",
    "queue_import",
    "queue_load",
    "waiting_imports",
]
