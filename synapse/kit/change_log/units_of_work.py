"""Units of work: what one author wrote in one transaction of one database; what an undo takes back as a whole.

What lives here: finding a unit's changes, and its address. What does not: taking them back (reverting/).

PostgreSQL numbers transactions per server: after a dump is restored on another one the same number comes again. So a
unit is more than its number: the changes of one author, each within ten minutes of the one before. The address names
one of its changes beside the number, so that it keeps meaning the same unit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connections
from django.db.models import QuerySet
from django.urls import reverse

from synapse.kit.change_log.models import ChangeLogEntry

# Gaps and islands: a gap of ten minutes starts the next unit; the counted gaps number the units.
_UNIT_OF_ENTRY: Final = """
    WITH entry AS (
        SELECT id, changed_at - lag(changed_at) OVER (ORDER BY id) > interval '10 minutes' AS apart
        FROM change_log WHERE transaction_id = %(transaction)s AND author IS NOT DISTINCT FROM %(author)s
    ), numbered AS (
        SELECT id, count(*) FILTER (WHERE apart) OVER (ORDER BY id) AS unit FROM entry
    )
    SELECT min(id), max(id), (SELECT changed_at FROM change_log WHERE id = max(numbered.id))
    FROM numbered WHERE unit = (SELECT unit FROM numbered WHERE id = %(entry)s)
"""


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """A unit of work: its author (None: not signed), its first and last change, and when the last one was made."""

    alias: str
    transaction_id: int
    author: str | None
    first_id: int
    last_id: int
    saved_at: datetime

    def logged_changes(self) -> QuerySet[ChangeLogEntry]:
        """Return the unit's changes, oldest first."""
        entries = ChangeLogEntry.objects.using(self.alias).filter(
            transaction_id=self.transaction_id, id__range=(self.first_id, self.last_id), author=self.author
        )
        return entries.order_by("id")

    @property
    def link(self) -> str:
        """The address of the page that shows the unit and takes it back."""
        return unit_of_work_link(self.alias, self.transaction_id, self.last_id)


def unit_of_work_link(alias: str, transaction_id: int, entry_id: int) -> str:
    """Return the address of the unit that this change belongs to."""
    return f"{reverse('changes:transaction', args=[alias, transaction_id])}?entry={entry_id}"


def find_unit_of_work(alias: str, transaction_id: int, entry_id: int | None = None) -> UnitOfWork | None:
    """Return the unit of the transaction that holds the change, the latest one where none is named; None: none."""
    entries = ChangeLogEntry.objects.using(alias).filter(transaction_id=transaction_id)
    named = entries if entry_id is None else entries.filter(pk=entry_id)
    entry = named.order_by("-id").only("author").first()
    if entry is None:
        return None
    with connections[alias].cursor() as cursor:
        cursor.execute(_UNIT_OF_ENTRY, {"transaction": transaction_id, "author": entry.author, "entry": entry.pk})
        return UnitOfWork(alias, transaction_id, entry.author, *cursor.fetchone())


def newest_change_of_this_transaction(alias: str) -> ChangeLogEntry | None:
    """Return the last change that the running transaction has written so far."""
    with connections[alias].cursor() as cursor:
        # Unlike pg_current_xact_id() this assigns no number to a transaction that has written nothing.
        cursor.execute("SELECT pg_current_xact_id_if_assigned()::text::bigint")
        (transaction_id,) = cursor.fetchone()
    if transaction_id is None:
        return None
    return ChangeLogEntry.objects.using(alias).filter(transaction_id=transaction_id).order_by("-id").first()
