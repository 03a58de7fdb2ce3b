"""Inquiries that wait in the quarantine, told to those whose pipeline lacks them, and not the operator alone.

Read for the front page and the pipeline's dashboard (legacy_import.admin.unread_inquiries_panel). The notice is updated
after an import, an undo, a settlement and a withdrawal (quarantine_notices), and by every validation, should a kill
have come between the rows and the notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import connections, transaction
from django.urls import reverse

from legacy_import.cells import deserialize_cell
from legacy_import.sources import sources_of_database
from legacy_import.validation.amounts import parse_stated_amount
from legacy_import.validation.inquiry_access import Worth
from legacy_import.validation.pipeline_value import inquiry_tables, value_column
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.dashboard.numbers import Unit, format_number
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.raising import raise_notice, resolve_notice

MAX_COUNTED: Final = 10_000
"""Rows that a page reads; of more it says that they are more."""
_MAX_AMOUNT_LENGTH: Final = 100
"""Characters of a cell; what is longer is no amount."""

# The tables are named because they lead the ledger's index: the cost follows what waits, not what the ledger holds.
_WAITING: Final = """
    FROM unnest(%(sources)s::text[], %(tables)s::text[], %(columns)s::text[]) AS known(source, name, amount)
    JOIN ledger AS l ON (l.source, l.legacy_table, l.state) = (known.source, known.name, 'quarantined')
"""
_AMOUNTS_SQL: Final = f"""
    SELECT CASE WHEN length(l.cells ->> known.amount) > {_MAX_AMOUNT_LENGTH} THEN 'too long'
                ELSE l.cells ->> known.amount END
    {_WAITING} LIMIT {MAX_COUNTED + 1}
"""
# News are rows that a run moved into the quarantine: such as were there before it have a before-image that says so.
_NEWS_SQL: Final = f"""
    SELECT EXISTS (
        SELECT {_WAITING} AND l.run_id = ANY(%(runs)s::uuid[])
        WHERE NOT EXISTS (SELECT FROM before_image AS b
                          WHERE (b.run_id, b.table_name, b.row_key) = (l.run_id, 'ledger', l.id::text)
                            AND b.old ->> 'state' = 'quarantined'))
"""
_NOTICE_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('unread inquiries'))"


@dataclass(frozen=True, slots=True)
class UnreadInquiries:
    """The inquiries in the quarantine; `are_more` says that there are more than were counted."""

    worth: Worth
    are_more: bool = False

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.worth.inquiries)

    @property
    def sentence(self) -> str:
        """How many inquiries could not be read, and what they are worth, without a full stop."""
        worth = self.worth
        number = f"{'More than ' if self.are_more else ''}{worth.inquiries:,}"
        noun = "inquiry" if worth.inquiries == 1 else "inquiries"
        if worth.unreadable == worth.inquiries:
            value = " of unknown value"
        elif worth.value or worth.unreadable:
            least = "at least " if worth.unreadable or self.are_more else ""
            value = f" worth {least}{format_number(worth.value, Unit.MONEY)}"
        else:
            value = ""
        return f"{number} {noun}{value} could not be read"


def read_unread_inquiries() -> UnreadInquiries:
    """Return the inquiries in the quarantine, of all sources. One query, whose cost follows what waits."""
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(_AMOUNTS_SQL, _inquiry_table_parameters())
        cells = cursor.fetchall()
    worth = Worth()
    for (cell,) in cells[:MAX_COUNTED]:
        amount = parse_stated_amount(deserialize_cell(cell))
        worth += Worth(1, amount or Decimal(0), int(amount is None))
    return UnreadInquiries(worth, are_more=len(cells) > MAX_COUNTED)


def roles_that_settle() -> list[str]:
    """Return the names of the roles whose people may settle quarantined rows."""
    permission = {
        "permissions__content_type__app_label": "legacy_import",
        "permissions__codename": "settle_quarantine",
    }
    return list(Group.objects.using(BUSINESS_CORE).filter(**permission).order_by("name").values_list("name", flat=True))


def who_settles() -> str:
    """Return whom to ask, in words."""
    roles = roles_that_settle()
    return f"someone with the role {' or '.join(roles)}" if roles else "an administrator"


def update_unread_inquiries_notice(*, runs: Sequence[UUID] = ()) -> None:
    """Raise, renew or resolve the notice of unread inquiries; `runs` are the ones that may have brought new rows.

    A notice tells of the same rows once, however often they are imported: it is raised anew, for all to read again,
    only where a run moved other rows into the quarantine. Else its words follow what waits.
    """
    with transaction.atomic(using=BUSINESS_CORE):
        with connections[BUSINESS_CORE].cursor() as cursor:
            # Of two that end at once, the one that reads last must be the one that writes last.
            cursor.execute(_NOTICE_LOCK)
        found = read_unread_inquiries()
        told = Notice.objects.using(BUSINESS_CORE).open().filter(kind=Kind.UNREAD_INQUIRIES).first()
        if told and (not found or (runs and _has_new_rows(runs))):
            resolve_notice(Kind.UNREAD_INQUIRIES, key="")
            told = None
        if not found:
            return
        them = "it" if found.worth.inquiries == 1 else "them"
        text = f"What the legacy files say of {them} is not in the pipeline. To settle {them}, ask {who_settles()}."
        if told is None:
            raise_notice(
                Kind.UNREAD_INQUIRIES,
                key="",
                title=found.sentence,
                text=text,
                link=reverse("dashboard-business-core"),
                permission="business_core.change_consultationinquiry",
            )
        elif (told.title, told.text) != (found.sentence, text):
            Notice.objects.using(BUSINESS_CORE).filter(pk=told.pk).update(title=found.sentence, text=text)


def _has_new_rows(runs: Sequence[UUID]) -> bool:
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(_NEWS_SQL, {**_inquiry_table_parameters(), "runs": [str(run) for run in runs]})
        found: bool = cursor.fetchone()[0]
    return found


def _inquiry_table_parameters() -> dict[str, Any]:
    known = [(source.name, table) for source in sources_of_database(BUSINESS_CORE) for table in inquiry_tables(source)]
    return {
        "sources": [source for source, _ in known],
        "tables": [table.name for _, table in known],
        "columns": [value_column(table) for _, table in known],
    }
