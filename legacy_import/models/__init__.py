"""The import's own tables: ledger, runs, divergences, settlements, before-images, shapes of files, syncs, validations.

All but SourceSync, LossQuestion, SourceWithdrawal, UndeclaredFile and ValidationRun are in each target database, and
written in the same transaction as the rows they describe. Those are in the business core database.
"""

from legacy_import.models.before_image import BeforeImage
from legacy_import.models.divergence import Divergence
from legacy_import.models.import_run import ImportRun
from legacy_import.models.ledger_row import LedgerRow
from legacy_import.models.legacy_file import LegacyFile
from legacy_import.models.loss_question import LossQuestion
from legacy_import.models.per_database import (
    AnalyticsArchivedRow,
    AnalyticsDivergence,
    AnalyticsLedgerRow,
    AnalyticsLegacyFile,
    AnalyticsQuarantinedRow,
    AnalyticsRun,
    ArchivedTable,
    BusinessCoreArchivedRow,
    BusinessCoreDivergence,
    BusinessCoreLedgerRow,
    BusinessCoreLegacyFile,
    BusinessCoreQuarantinedRow,
    BusinessCoreRun,
    ImportSource,
    RevenueArchivedRow,
    RevenueDivergence,
    RevenueLedgerRow,
    RevenueLegacyFile,
    RevenueQuarantinedRow,
    RevenueRun,
)
from legacy_import.models.settlement import Settlement
from legacy_import.models.source_sync import SourceSync
from legacy_import.models.source_withdrawal import SourceWithdrawal
from legacy_import.models.undeclared_file import UndeclaredFile
from legacy_import.models.validation_run import ValidationRun

__all__ = [
    "AnalyticsArchivedRow",
    "AnalyticsDivergence",
    "AnalyticsLedgerRow",
    "AnalyticsLegacyFile",
    "AnalyticsQuarantinedRow",
    "AnalyticsRun",
    "ArchivedTable",
    "BeforeImage",
    "BusinessCoreArchivedRow",
    "BusinessCoreDivergence",
    "BusinessCoreLedgerRow",
    "BusinessCoreLegacyFile",
    "BusinessCoreQuarantinedRow",
    "BusinessCoreRun",
    "Divergence",
    "ImportRun",
    "ImportSource",
    "LedgerRow",
    "LegacyFile",
    "LossQuestion",
    "RevenueArchivedRow",
    "RevenueDivergence",
    "RevenueLedgerRow",
    "RevenueLegacyFile",
    "RevenueQuarantinedRow",
    "RevenueRun",
    "Settlement",
    "SourceSync",
    "SourceWithdrawal",
    "UndeclaredFile",
    "ValidationRun",
]
