"""What the import remembers, in each target database, in the same transaction as the rows it tells of."""

from legacy_import.models.divergence import Divergence
from legacy_import.models.import_run import ImportRun
from legacy_import.models.ledger_row import LedgerRow
from legacy_import.models.legacy_file import LegacyFile

__all__ = ["Divergence", "ImportRun", "LedgerRow", "LegacyFile"]
