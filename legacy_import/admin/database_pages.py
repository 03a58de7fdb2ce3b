"""The three databases as the import's pages call them: words, slugs of addresses, and the proxy models of each.

Their real names are synapse.foundation.databases'.
"""

from typing import Final
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest

from legacy_import import models
from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE
from synapse.kit.admin.permissions import changelist_address

DATABASE_WORDS: Final = {BUSINESS_CORE: "business core", ANALYTICS: "analytics", REVENUE: "revenue"}
ALIAS_OF_SLUG: Final = {words.replace(" ", "-"): alias for alias, words in DATABASE_WORDS.items()}
SLUG_OF_ALIAS: Final = {alias: slug for slug, alias in ALIAS_OF_SLUG.items()}

ARCHIVED_ROWS: Final[dict[str, type[Model]]] = {
    model.database_alias: model
    for model in (models.BusinessCoreArchivedRow, models.AnalyticsArchivedRow, models.RevenueArchivedRow)
}
LEDGER_ROWS: Final[dict[str, type[Model]]] = {
    model.database_alias: model
    for model in (models.BusinessCoreLedgerRow, models.AnalyticsLedgerRow, models.RevenueLedgerRow)
}
QUARANTINED_ROWS: Final[dict[str, type[Model]]] = {
    model.database_alias: model
    for model in (models.BusinessCoreQuarantinedRow, models.AnalyticsQuarantinedRow, models.RevenueQuarantinedRow)
}
RUNS: Final[dict[str, type[Model]]] = {
    model.database_alias: model for model in (models.BusinessCoreRun, models.AnalyticsRun, models.RevenueRun)
}
DIVERGENCES: Final[dict[str, type[Model]]] = {
    model.database_alias: model
    for model in (models.BusinessCoreDivergence, models.AnalyticsDivergence, models.RevenueDivergence)
}


def quarantine_url(alias: str, source: str) -> str:
    """Return the URL of a source's rows in quarantine."""
    return f"{changelist_address(QUARANTINED_ROWS[alias])}?{urlencode({'source': source})}"


def may_view_archive(request: HttpRequest, alias: str) -> bool:
    """Say whether the person may look at the database's archived rows."""
    return request.user.has_perm(f"legacy_import.view_{ARCHIVED_ROWS[alias]._meta.model_name}")
