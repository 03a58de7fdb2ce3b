"""Reading inquiries: which are open, due, overdue, how long they have been in their stage, which look alike.

Reads only: services.inquiries changes rows. `InquiryQuerySet.fingerprint` is what optimistic concurrency compares.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.db.models import Case, Count, Max, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value, When
from django.db.models.functions import Coalesce, Lower, Trim
from django.db.models.lookups import Exact

from business_core.inquiry_choices import CLOSED_STATUSES, UNKNOWN
from synapse.kit.change_log.models import ChangeLogEntry, Operation

if TYPE_CHECKING:
    from business_core.models import ConsultationInquiry

_NONE = Value("", TextField())
_WHO_AND_WHAT = {
    "person": Lower(Trim("contact_name")),
    "firm": Lower(Trim(Coalesce("company", _NONE))),
    "message": Coalesce("inquiry_text", "inquiry_details", _NONE),
}
"""What makes two inquiries look alike: the same person of the same company with the same message."""

_NAMELESS = rf"^\s*({UNKNOWN})?\s*$"
"""A name that tells nobody apart: blank, or the word for one that nobody knows, in any case."""


@dataclass(frozen=True, slots=True)
class DistinctInquiries:
    """How many inquiries there are, look-alikes counted once, and what they are worth."""

    number: int
    value: Decimal


class InquiryQuerySet(QuerySet["ConsultationInquiry"]):
    """Inquiries, with the questions a working day asks."""

    def open(self) -> Self:
        """Keep those in which something is left to do; an odd status and none at all are open."""
        return self.exclude(status__in=CLOSED_STATUSES)

    def closed(self) -> Self:
        """Keep those that were won or lost."""
        return self.filter(status__in=CLOSED_STATUSES)

    def overdue(self, today: date) -> Self:
        """Keep the open ones whose next action was due before `today`."""
        return self.open().filter(next_action_due_date__lt=today)

    def due_between(self, first: date, last: date | None = None) -> Self:
        """Keep the open ones whose next action is due on `first`, or from then to `last`, both included."""
        return self.open().filter(next_action_due_date__range=(first, last or first))

    def with_next_action(self) -> Self:
        """Keep those with a next action or a due date, the closed ones too."""
        return self.exclude(Q(next_action=None) | Q(next_action=""), next_action_due_date=None)

    def without_next_action(self) -> Self:
        """Keep the open ones without a next action and without a due date."""
        return self.open().filter(Q(next_action=None) | Q(next_action=""), next_action_due_date=None)

    def fingerprint(self) -> str:
        """Return a text that differs where the inquiries do, or the status, next action or due date of one."""
        through_keys = self.model._base_manager.filter(pk__in=self.order_by().values("pk")).order_by("pk")  # noqa: SLF001  # documented
        digest = hashlib.sha256()
        # Not as a list: the inquiries chosen may be all there are.
        for row in through_keys.values_list("pk", "status", "next_action", "next_action_due_date").iterator():
            digest.update(repr(row).encode())
        return digest.hexdigest()

    def with_stage_since(self) -> Self:
        """Annotate `stage_since`: when the status was last changed, else when the inquiry was made; may be None.

        Additions don't count: a row put back after a deletion has been in its stage for as long as before.
        """
        entered = ChangeLogEntry.objects.filter(
            table_name=self.model._meta.db_table,
            row_key=OuterRef("pk"),
            operation=Operation.UPDATE,
            new__has_key="status",
        )
        return self.annotate(
            stage_since=Coalesce(Subquery(entered.order_by("-id").values("changed_at")[:1]), "created_at")
        )

    def look_alikes_of(self, inquiry: "ConsultationInquiry") -> Self:
        """Keep the others of the same person, company and message; nobody is like one who left no name."""
        if re.fullmatch(_NAMELESS, inquiry.contact_name, re.IGNORECASE):
            return self.none()
        message = inquiry.inquiry_text if inquiry.inquiry_text is not None else inquiry.inquiry_details
        wanted = {
            "person": Lower(Trim(Value(inquiry.contact_name, TextField()))),
            "firm": Lower(Trim(Value(inquiry.company or "", TextField()))),
            "message": Value(message or "", TextField()),
        }
        alike = Q(*(Exact(expression, wanted[name]) for name, expression in _WHO_AND_WHAT.items()))
        return self.filter(alike).exclude(pk=inquiry.pk)

    def count_distinct_inquiries(self) -> DistinctInquiries:
        """Count the inquiries and sum their value; look-alikes count once, with the highest value of them."""
        # Nobody is like one who left no name: each of those is a group of its own.
        nameless = Case(When(contact_name__iregex=_NAMELESS, then="pk"))
        groups = self.order_by().values(**_WHO_AND_WHAT, nameless=nameless).annotate(worth=Max("estimated_value"))
        counted = groups.aggregate(number=Count("*"), value=Sum("worth"))
        return DistinctInquiries(number=counted["number"], value=counted["value"] or Decimal(0))
