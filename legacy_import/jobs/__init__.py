"""The import's jobs: pulling legacy changes in, one source on demand, the databases' daily dumps, validation.

What lives here: their declarations, and asking for an import once. What does not: the work (legacy_import.services),
running and watching jobs (synapse.kit.jobs).
"""

from legacy_import.jobs.backups import BACKUP, backup_databases
from legacy_import.jobs.imports import IMPORT_SOURCE, import_source, queue_import, waiting_imports
from legacy_import.jobs.sync import SYNC_LEGACY
from legacy_import.jobs.validation import VALIDATE

__all__ = [
    "BACKUP",
    "IMPORT_SOURCE",
    "SYNC_LEGACY",
    "VALIDATE",
    "backup_databases",
    "import_source",
    "queue_import",
    "waiting_imports",
]
