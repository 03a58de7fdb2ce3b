"""Proxy models of the tables that are in all three databases: one per table and database, and one for the sources.

Each is pinned to its database by `database_alias`; legacy_import.admin registers a page for it. They have no columns of
their own. The quarantine and the archive are states of the ledger: their pages show the rows in that state only.
"""

from typing import ClassVar

from legacy_import.models.divergence import Divergence
from legacy_import.models.import_run import ImportRun
from legacy_import.models.ledger_row import LedgerRow
from legacy_import.models.legacy_file import LegacyFile
from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE


class ImportSource(ImportRun):
    """The declared sources and the state of their imports: a page without rows of its own."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "source"
        verbose_name_plural = "sources"


class ArchivedTable(LedgerRow):
    """The legacy tables without a target, as tables: pages without rows of their own."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "archived table"
        verbose_name_plural = "archived tables"


class BusinessCoreRun(ImportRun):
    """The runs of sources that land in the business core database."""

    database_alias: ClassVar[str] = BUSINESS_CORE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "import run · business core"
        verbose_name_plural = "import runs · business core"


class AnalyticsRun(ImportRun):
    """The runs of sources that land in the analytics database."""

    database_alias: ClassVar[str] = ANALYTICS

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "import run · analytics"
        verbose_name_plural = "import runs · analytics"


class RevenueRun(ImportRun):
    """The runs of sources that land in the revenue database."""

    database_alias: ClassVar[str] = REVENUE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "import run · revenue"
        verbose_name_plural = "import runs · revenue"


class BusinessCoreLedgerRow(LedgerRow):
    """The business core database's ledger."""

    database_alias: ClassVar[str] = BUSINESS_CORE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "ledger row · business core"
        verbose_name_plural = "ledger rows · business core"


class AnalyticsLedgerRow(LedgerRow):
    """The analytics database's ledger."""

    database_alias: ClassVar[str] = ANALYTICS

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "ledger row · analytics"
        verbose_name_plural = "ledger rows · analytics"


class RevenueLedgerRow(LedgerRow):
    """The revenue database's ledger."""

    database_alias: ClassVar[str] = REVENUE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "ledger row · revenue"
        verbose_name_plural = "ledger rows · revenue"


class BusinessCoreQuarantinedRow(LedgerRow):
    """What the business core database refused."""

    database_alias: ClassVar[str] = BUSINESS_CORE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "quarantined row · business core"
        verbose_name_plural = "quarantined rows · business core"


class AnalyticsQuarantinedRow(LedgerRow):
    """What the analytics database refused."""

    database_alias: ClassVar[str] = ANALYTICS

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "quarantined row · analytics"
        verbose_name_plural = "quarantined rows · analytics"


class RevenueQuarantinedRow(LedgerRow):
    """What the revenue database refused."""

    database_alias: ClassVar[str] = REVENUE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "quarantined row · revenue"
        verbose_name_plural = "quarantined rows · revenue"


class BusinessCoreArchivedRow(LedgerRow):
    """What has no table in the business core database."""

    database_alias: ClassVar[str] = BUSINESS_CORE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "archived row · business core"
        verbose_name_plural = "archived rows · business core"


class AnalyticsArchivedRow(LedgerRow):
    """What has no table in the analytics database."""

    database_alias: ClassVar[str] = ANALYTICS

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "archived row · analytics"
        verbose_name_plural = "archived rows · analytics"


class RevenueArchivedRow(LedgerRow):
    """What has no table in the revenue database."""

    database_alias: ClassVar[str] = REVENUE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "archived row · revenue"
        verbose_name_plural = "archived rows · revenue"


class BusinessCoreDivergence(Divergence):
    """The business core database's divergences."""

    database_alias: ClassVar[str] = BUSINESS_CORE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "divergence · business core"
        verbose_name_plural = "divergences · business core"


class AnalyticsDivergence(Divergence):
    """The analytics database's divergences."""

    database_alias: ClassVar[str] = ANALYTICS

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "divergence · analytics"
        verbose_name_plural = "divergences · analytics"


class RevenueDivergence(Divergence):
    """The revenue database's divergences."""

    database_alias: ClassVar[str] = REVENUE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "divergence · revenue"
        verbose_name_plural = "divergences · revenue"


class BusinessCoreLegacyFile(LegacyFile):
    """The shapes of the business core database's files."""

    database_alias: ClassVar[str] = BUSINESS_CORE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "legacy file · business core"
        verbose_name_plural = "legacy files · business core"


class AnalyticsLegacyFile(LegacyFile):
    """The shapes of the analytics database's files."""

    database_alias: ClassVar[str] = ANALYTICS

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "legacy file · analytics"
        verbose_name_plural = "legacy files · analytics"


class RevenueLegacyFile(LegacyFile):
    """The shapes of the revenue database's files."""

    database_alias: ClassVar[str] = REVENUE

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "legacy file · revenue"
        verbose_name_plural = "legacy files · revenue"
