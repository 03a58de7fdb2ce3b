"""The import's admin pages; Django finds this package by its name."""

from legacy_import.admin import assignments_panel, change_origins, sync_panel, variant_keys, variant_traffic
from legacy_import.admin.archive.page import ArchivedTableAdmin
from legacy_import.admin.divergences import panel as divergence_panel
from legacy_import.admin.divergences.page import DivergenceAdmin
from legacy_import.admin.import_run import ImportRunAdmin
from legacy_import.admin.import_source import ImportSourceAdmin
from legacy_import.admin.ledger_row import ArchiveAdmin, LedgerAdmin
from legacy_import.admin.legacy_file import LegacyFileAdmin
from legacy_import.admin.quarantine.page import QuarantineAdmin
from legacy_import.admin.validation_run import ValidationRunAdmin

__all__ = [
    "ArchiveAdmin",
    "ArchivedTableAdmin",
    "DivergenceAdmin",
    "ImportRunAdmin",
    "ImportSourceAdmin",
    "LedgerAdmin",
    "LegacyFileAdmin",
    "QuarantineAdmin",
    "ValidationRunAdmin",
    "assignments_panel",
    "change_origins",
    "divergence_panel",
    "sync_panel",
    "variant_keys",
    "variant_traffic",
]
