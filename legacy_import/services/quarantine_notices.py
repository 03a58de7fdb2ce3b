"""Raise and resolve the notices of rows in quarantine: one per source, and one of the inquiries among them.

Called after an import, an undo, a settlement and a withdrawal.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

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
from legacy_import.services.unread_inquiries import update_unread_inquiries_notice
from legacy_import.validation.pipeline_value import inquiry_tables
from synapse.foundation.containment import contain_errors
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice, resolve_notice

_logger: Final = logging.getLogger(__name__)

_DESKS: Final[dict[str, type[Model]]] = {
    model.database_alias: model
    for model in (BusinessCoreQuarantinedRow, AnalyticsQuarantinedRow, RevenueQuarantinedRow)
}


def update_quarantine_notices(sources: Iterable[Source], *, is_news: bool = True, runs: Sequence[UUID] = ()) -> None:
    """Raise each source's notice where rows of it are in quarantine, and resolve it where none is left.

    Without news (`is_news` false) a notice is only resolved. `runs` may have moved inquiries into the quarantine. A
    failure is logged, not raised: what was done to the rows is committed already.
    """
    named = list(sources)
    for source in named:
        with _log_notice_failure(f"{source.name}: the notice of its quarantine", source=source.name):
            _update_source_notice(source, is_news=is_news)
    if any(inquiry_tables(source) for source in named):
        with _log_notice_failure("the notice of unread inquiries"):
            update_unread_inquiries_notice(runs=runs)


@contextmanager
def _log_notice_failure(unit: str, **facts: Any) -> Iterator[None]:
    with contain_errors(unit, **facts):
        try:
            yield
        except (DatabaseError, InterfaceError) as error:
            _logger.warning("%s could not be told: %s", unit, str(error).strip().partition("\n")[0])


def _update_source_notice(source: Source, *, is_news: bool) -> None:
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
