"""A set of inquiries as the lookups that find it, so that a number and the list it opens can't differ.

sections.py, charts.py and funnel.py say which sets a page shows.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from business_core.inquiry_choices import CLOSED_STATUSES
from business_core.models import ConsultationInquiry
from business_core.querysets.dashboard_figures import Tally, tally_inquiries
from business_core.querysets.inquiries import InquiryQuerySet
from synapse.kit.dashboard import Number, Unit, list_link

OPEN = {"status__not_among": sorted(CLOSED_STATUSES)}
"""Inquiries in which something is left to do; an odd status and none at all are open."""


@dataclass(frozen=True, slots=True)
class InquirySet:
    """The inquiries that the lookups find, for one person's page."""

    request: HttpRequest
    lookups: dict[str, Any]

    @property
    def rows(self) -> InquiryQuerySet:
        """The inquiries."""
        return ConsultationInquiry.objects.filter(**self.lookups)

    @property
    def link(self) -> str:
        """The address of their list."""
        return list_link(self.request, ConsultationInquiry, **self.lookups)

    def narrowed_by(self, **lookups: Any) -> "InquirySet":
        """Return those of them that the lookups find."""
        return InquirySet(self.request, {**self.lookups, **lookups})

    def value_and_count(self, known: Tally | None = None) -> tuple[Number, Number]:
        """Return what they are worth and how many they are, counted here where it isn't known yet."""
        found = tally_inquiries(self.rows) if known is None else known
        return self.inquiry_value(found), self.inquiry_count(found)

    def inquiry_value(self, found: Tally) -> Number:
        """Return what they are worth."""
        return Number(found.money, Unit.MONEY, self.link, of="estimated_value")

    def inquiry_count(self, found: Tally) -> Number:
        """Return how many they are."""
        return Number(found.rows, Unit.COUNT, self.link)
