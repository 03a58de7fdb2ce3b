"""The conversion funnel of a cohort, the inquiries made in a range: how many reached each stage, and the part after it.

It is computed from the stage an inquiry has now, not from its history. synapse.kit.dashboard.grouping counts.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from business_core.dashboard.charts import EMPTY, HEADINGS
from business_core.dashboard.inquiry_numbers import InquirySet
from business_core.inquiry_choices import InquiryStatus
from business_core.querysets.dashboard_figures import Tally
from synapse.kit.dashboard import Bar, Chart, ChartKind, Number, Unit
from synapse.kit.dashboard.grouping import Group, largest_groups

_STAGES: Final = tuple(status for status in InquiryStatus if status is not InquiryStatus.CLOSED_LOST)
_KNOWN: Final = frozenset(InquiryStatus.values)
_MEANING: Final = (
    "Reached means: the inquiry is at this stage now, or at a later one. Went on is the part of those at the stage "
    "before that reached this one too. Lost inquiries count as new only, for where they were lost isn't recorded; so "
    "the true parts are these or higher. Statuses that are no stage stand in the chart by status."
)


def funnel_chart(inquiries: InquirySet, by_status: list[Group]) -> Chart:
    """Return the stages with how many inquiries reached each."""
    at_stage = {group.lookups.get("status__exact"): group for group in by_status}
    bars: list[Bar] = []
    reached_before = None
    for place, stage in enumerate(_STAGES):
        # Where a lost inquiry was lost isn't recorded: it has certainly been new, and counts for nothing later.
        lost = [] if place else [InquiryStatus.CLOSED_LOST]
        reached = [status.value for status in (*_STAGES[place:], *lost)]
        found = _sum_groups([at_stage[status] for status in reached if status in at_stage])
        numbers = inquiries.narrowed_by(status__in=reached)
        count = numbers.inquiry_count(found)
        # Without anybody at the stage before, the part that went on is unknown, not 0.
        went_on = Number(None, Unit.SHARE)
        if reached_before:
            went_on = Number(Decimal(found.rows) / reached_before, Unit.SHARE, count.link)
        bars.append(Bar(stage.label, (count, went_on, numbers.inquiry_value(found))))
        reached_before = found.rows
    is_empty = not any(group.lookups.get("status__exact") in _KNOWN for group in by_status)
    headings = ("Reached", "Went on", "Value")
    shown = () if is_empty else tuple(bars)
    return Chart("Funnel", ChartKind.FUNNEL, "Stage", headings, shown, EMPTY, _MEANING)


def status_chart(inquiries: InquirySet, by_status: list[Group]) -> Chart:
    """Return the inquiries at each status now; statuses that are no stage, and none at all, have bars too."""
    order = {status: place for place, status in enumerate(InquiryStatus.values)}
    known = sorted(
        (group for group in by_status if group.lookups.get("status__exact") in order),
        key=lambda group: order[group.lookups["status__exact"]],
    )
    odd = [group for group in by_status if group.lookups.get("status__exact") not in order]
    words = dict(InquiryStatus.choices)
    bars = []
    for group in [*known, *odd]:
        status = group.lookups.get("status__exact")
        numbers = inquiries.narrowed_by(**group.lookups).value_and_count(_sum_groups([group]))
        note = "" if status in _KNOWN else "no known stage"
        bars.append(Bar(words.get(status or "", group.label), numbers, note=note))
    note = "Every inquiry once, where it stands now."
    return Chart("Value by status", ChartKind.BARS, "Status", HEADINGS, tuple(bars), EMPTY, note)


def inquiries_by_status(inquiries: InquirySet) -> list[Group]:
    """Return the inquiries by status: every known one that has any, and the commonest odd ones."""
    known = largest_groups(inquiries.rows.filter(status__in=_KNOWN), "status", sums=("estimated_value",))
    odd = largest_groups(inquiries.rows.filter(status__not_among=_KNOWN), "status", sums=("estimated_value",))
    return [*known, *(_exclude_known_statuses(group) for group in odd)]


def _exclude_known_statuses(group: Group) -> Group:
    """Return the group with the known statuses excluded too, so that its lookups find it among all inquiries."""
    shown = group.lookups.get("status__not_among")
    if shown is None:
        return group
    return replace(group, lookups={**group.lookups, "status__not_among": sorted({*shown, *_KNOWN})})


def _sum_groups(found: list[Group]) -> Tally:
    rows = sum(group.rows for group in found)
    money = [Decimal(value) for group in found if (value := group.sums["estimated_value"]) is not None]
    return Tally(rows, sum(money, Decimal(0)) if money or not rows else None)
