"""Counting posts and inquiries by month: shown beside the stored months, and what the job stores as one.

services.months writes them, admin.business_pipeline shows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db.models import Count, Q, Sum

from business_core.inquiry_choices import InquiryStatus
from business_core.local_time import local_month
from business_core.models import BusinessPipeline, ConsultationInquiry, Post

COUNTED: Final = (
    "total_posts",
    "total_impressions",
    "total_engagement",
    "total_inquiries",
    "discovery_calls",
    "proposals_sent",
    "contracts_won",
    "revenue_generated",
    "pipeline_value",
)
"""The stored columns that can be counted from posts and inquiries."""


COMPUTED: Final = (*COUNTED, "conversion_rate")
"""The stored columns that follow from posts and inquiries."""

JOB: Final = "aggregate-pipeline"
"""The job that stores months: its name signs what it writes."""

_SHARE: Final = Decimal("0.0001")
"""The column's four decimals."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month. `counted` is by the posts' and inquiries' own rows, `stored` None where no row is stored."""

    name: str
    counted: dict[str, int | Decimal] = field(default_factory=dict)
    stored: BusinessPipeline | None = None

    def stored_differences(self) -> dict[str, tuple[Any, int | Decimal]]:
        """Return what is stored and what is counted of each column in which they differ; a missing number is 0."""
        if self.stored is None:
            return {}
        stored = {column: getattr(self.stored, column) or 0 for column in COUNTED}
        counted = {column: self.counted.get(column, 0) for column in COUNTED}
        return {name: (stored[name], counted[name]) for name in COUNTED if stored[name] != counted[name]}


def newest_months(*, newest: int) -> list[Month]:
    """Return the newest months that are stored or have a post or an inquiry, the latest first; in three queries.

    An inquiry belongs to the month it was created in, by the reader's clock, under the status it has now.
    """
    counted = counts_by_month()
    stored = {month.month: month for month in BusinessPipeline.objects.order_by("-month")[:newest]}
    names = sorted({*counted, *stored}, reverse=True)[:newest]
    return [Month(name, counted.get(name, {}), stored.get(name)) for name in names]


def counts_by_month() -> dict[str, dict[str, int | Decimal]]:
    """Return what is counted of each month that has posts or inquiries; a column that counts none may be missing."""
    found: dict[str, dict[str, int | Decimal]] = {}
    for rows in (_inquiry_counts_by_month(), _post_counts_by_month()):
        for row in rows:
            # The local month's first day, as a moment; the stored name is its year and month.
            month = row.pop("counted_month")
            found.setdefault(month.isoformat()[: len("2025-08")], {}).update(
                {name: value or 0 for name, value in row.items()}
            )
    return found


def month_figures(counted: Mapping[str, int | Decimal]) -> dict[str, int | Decimal]:
    """Return every column of a stored month from what was counted, 0 for what was not.

    conversion_rate is the share of the month's inquiries that are won by now, a ratio from 0 to 1, half a last decimal
    rounded up; 0 where there are none.
    """
    found = {name: counted.get(name, 0) for name in COUNTED}
    won, inquiries = found["contracts_won"], found["total_inquiries"]
    rate = (Decimal(won) / Decimal(inquiries)).quantize(_SHARE, ROUND_HALF_UP) if inquiries else Decimal(0)
    return found | {"conversion_rate": rate}


def _inquiry_counts_by_month() -> Any:
    called, proposed, won = (
        Q(status=status)
        for status in (InquiryStatus.DISCOVERY_SCHEDULED, InquiryStatus.PROPOSAL_SENT, InquiryStatus.CLOSED_WON)
    )
    dated = ConsultationInquiry.objects.filter(created_at__isnull=False).order_by()
    return dated.values(counted_month=local_month("created_at")).annotate(
        total_inquiries=Count("pk"),
        discovery_calls=Count("pk", filter=called),
        proposals_sent=Count("pk", filter=proposed),
        contracts_won=Count("pk", filter=won),
        revenue_generated=Sum("estimated_value", filter=won),
        pipeline_value=Sum("estimated_value"),
    )


def _post_counts_by_month() -> Any:
    return (
        Post.objects.with_engagement()
        .order_by()
        .values(counted_month=local_month("posted_at"))
        .annotate(
            total_posts=Count("pk"),
            total_impressions=Sum("impressions"),
            total_engagement=Sum("engagement"),
        )
    )


def month_bounds(name: str) -> tuple[date, date] | None:
    """Return a month's first day and the next month's, None for what is no month like 2025-08, or the last of all."""
    try:
        first = datetime.strptime(name, "%Y-%m").date()  # noqa: DTZ007  # a month has no clock
        return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError:
        return None
