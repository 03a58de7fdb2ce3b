"""Reading what the revenue dashboard counts: rows in bands of a score, and segments beside the view of them.

Called by revenue.dashboard, which has the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum

from revenue.models import OpportunityStatus, RevenueOpportunity, RevenuePipelineSummary
from synapse.kit.dashboard.grouping import Group, largest_groups

ACTIVE: Final = {"status__exact": OpportunityStatus.ACTIVE.value}
"""What revenue_pipeline_summary counts, as its SQL has it."""
_SEGMENT: Final = "customer_segment"
_VALUE: Final = "revenue_potential"


@dataclass(frozen=True, slots=True)
class Band:
    """A range of a score: from `least`, and less than `below`; None where that end is open."""

    label: str
    least: int | Decimal | None
    below: int | Decimal | None

    def lookups(self, column: str) -> dict[str, Any]:
        """Return what finds the band's rows."""
        ends = {f"{column}__gte": self.least, f"{column}__lt": self.below}
        return {lookup: end for lookup, end in ends.items() if end is not None}


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment's active opportunities now, and what the view says of it; None where the view does not know it."""

    live: Group
    view_rows: int | None
    view_value: Decimal | None

    @property
    def differs_from_view(self) -> bool:
        """Whether the view says something else than its table."""
        return (self.live.rows, self.live.sums[_VALUE]) != (self.view_rows or 0, self.view_value)


def group_in_bands(rows: QuerySet[Any], column: str, bands: Sequence[Band], *, sums: Sequence[str] = ()) -> list[Group]:
    """Return the rows in each band, in one query; bands without rows stay."""
    wanted: dict[str, Any] = {}
    for position, band in enumerate(bands):
        within = Q(**band.lookups(column))
        wanted[f"rows_{position}"] = Count("pk", filter=within)
        wanted |= {f"sum_{name}_{position}": Sum(name, filter=within) for name in sums}
    found = rows.order_by().aggregate(**wanted)
    return [
        Group(
            label=band.label,
            rows=found[f"rows_{position}"],
            sums={name: found[f"sum_{name}_{position}"] for name in sums},
            lookups=band.lookups(column),
        )
        for position, band in enumerate(bands)
    ]


def compare_segments_with_view() -> list[Segment]:
    """Return the segments of the active opportunities, the largest first, and those that only the view knows as one."""
    live = largest_groups(RevenueOpportunity.objects.filter(**ACTIVE), _SEGMENT, sums=[_VALUE])
    exact = [group for group in live if f"{_SEGMENT}__exact" in group.lookups]
    named = [group.lookups[f"{_SEGMENT}__exact"] for group in exact]
    view = {row.customer_segment: row for row in RevenuePipelineSummary.objects.filter(customer_segment__in=named)}
    found = []
    for group, name in zip(exact, named, strict=True):
        row = view.get(name)
        seen = (None, None) if row is None else (row.total_opportunities, row.total_pipeline_value)
        found.append(Segment(group, *seen))
    others = _other_segments(live[len(exact) :], named)
    return [*found, others] if others else found


def _other_segments(live: Sequence[Group], named: Sequence[str]) -> Segment | None:
    """Return the segments beyond the largest, in the table or in the view; None where there are none."""
    lookups = {f"{_SEGMENT}__not_among": list(named)}
    view = RevenuePipelineSummary.objects.filter(**lookups).aggregate(
        segments=Count("pk"), rows=Sum("total_opportunities"), value=Sum("total_pipeline_value")
    )
    if live:
        return Segment(live[0], view["rows"], view["value"])
    if not view["segments"]:
        return None
    # The materialized view may still have segments whose opportunities have all been closed or deleted.
    gone = Group("only in the view", 0, {_VALUE: None}, lookups)
    return Segment(gone, view["rows"], view["value"])
