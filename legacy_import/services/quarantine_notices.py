"""Raise and resolve the notices of rows in quarantine, one per source.

Called after an import, an undo, a settlement and a withdrawal.
"""

import logging
from collections.abc import Iterable
from typing import Final

from django.db import DatabaseError, InterfaceError
from django.db.models import Model
from django.urls import reverse
from django.utils.http import urlencode

from legacy_import.mapping import Source
from legacy_import.models import (
    AnalyticsQuarantinedRow,
    BusinessCoreQuarantinedRow,
    LedgerRow,
    RevenueQuarantinedRow,
)
from synapse.foundation.containment import contain
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice, resolve_notice

_logger: Final = logging.getLogger(__name__)

_DESKS: Final[dict[str, type[Model]]] = {
    model.database_alias: model
    for model in (BusinessCoreQuarantinedRow, AnalyticsQuarantinedRow, RevenueQuarantinedRow)
}


def update_quarantine_notices(sources: Iterable[Source], *, is_news: bool = True) -> None:
    """Raise each source's notice where rows of it are in quarantine, and resolve it where none is left.

    Without news (`is_news` false) a notice is only resolved. A failure is logged, not raised: what was done to the rows
    is committed already.
    """
    for source in sources:
        with contain(f"{source.name}: the notice of its quarantine", source=source.name):
            try:
                _update_notice(source, is_news=is_news)
            except (DatabaseError, InterfaceError) as error:
                reason = str(error).strip().partition("\n")[0]
                _logger.warning("%s: nobody could be told how its quarantine stands: %s", source.name, reason)


def _update_notice(source: Source, *, is_news: bool) -> None:
    quarantined = LedgerRow.objects.using(source.database).filter(source=source.name, state=LedgerRow.State.QUARANTINED)
    desk = reverse(f"admin:legacy_import_{_DESKS[source.database]._meta.model_name}_changelist")
    count = quarantined.count()
    if not count:
        resolve_notice(Kind.QUARANTINED_ROWS, key=source.name)
    elif is_news:
        raise_notice(
            Kind.QUARANTINED_ROWS,
            key=source.name,
            title=f"{source.name}: {'1 row waits' if count == 1 else f'{count:,} rows wait'} in quarantine",
            text="What they hold could not be read into its columns, so they are not in their table yet."
            " Fix them, try them again, or accept them as archived.",
            link=f"{desk}?{urlencode({'source': source.name})}",
            permission="legacy_import.run_import",
        )
