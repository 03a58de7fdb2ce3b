"""The changes since a moment, and rows exactly as the database has them."""

from typing import Any

from django.db import connections
from django.db.models import QuerySet

from business_core.models import ConsultationInquiry
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.units_of_work import find_unit_of_work


def since(mark: int, alias: str = "default") -> QuerySet[ChangeLogEntry]:
    return ChangeLogEntry.objects.using(alias).filter(pk__gt=mark)


def changes_of_unit(alias: str, transaction_id: int, entry_id: int | None = None) -> QuerySet[ChangeLogEntry]:
    unit = find_unit_of_work(alias, transaction_id, entry_id)
    assert unit is not None
    return unit.logged_changes()


def mark(alias: str = "default") -> int:
    newest = ChangeLogEntry.objects.using(alias).order_by("-pk").first()
    return newest.pk if newest else 0


def whole_row(alias: str, table: str, key: str, value: Any) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" AS t WHERE "{key}" = %s', [value])
        found = cursor.fetchone()
        return found and found[0]


def inquiry_row(inquiry: ConsultationInquiry) -> Any:
    return whole_row("default", "consultation_inquiries", "inquiry_id", inquiry.pk)
