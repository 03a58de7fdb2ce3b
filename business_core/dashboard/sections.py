"""The sections of the pipeline's page.

Which figures each has, with their labels; the charts are in charts.py and funnel.py, the request in views.py.
"""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.http import HttpRequest
from django.utils import timezone

from business_core.dashboard import charts
from business_core.dashboard.funnel import funnel_chart, inquiries_by_status, status_chart
from business_core.dashboard.inquiry_numbers import OPEN, InquirySet
from business_core.inquiry_choices import InquiryStatus
from business_core.models import CurrentPipelineSummary, Post
from business_core.querysets.dashboard_figures import tally_inquiries
from synapse.kit.dashboard import Figure, Number, Section, TimeRange, Unit, list_link
from synapse.kit.dashboard.numbers import format_number

_WON = {"status__exact": InquiryStatus.CLOSED_WON.value}
_NO_INQUIRIES = "There are no inquiries yet. Import a source on the page Sources, or add one by hand."


def pipeline_sections(request: HttpRequest, time_range: TimeRange, now: datetime) -> list[Section]:
    """Return the sections: the whole pipeline beside the last 30 days, then the range that was asked for."""
    inquiries = InquirySet(request, dict(time_range.as_lookups("created_at")))
    by_status = inquiries_by_status(inquiries)
    drawn = [
        charts.month_chart(inquiries, time_range, timezone.localdate(now)),
        charts.type_chart(inquiries),
        charts.channel_chart(inquiries),
    ]
    # The chart names posts by their text: only for who may read them.
    if list_link(request, Post):
        drawn.append(charts.post_chart(inquiries))
    return [
        *overview_sections(request, now),
        _range_section(inquiries, time_range),
        Section("Stages", charts=(funnel_chart(inquiries, by_status), status_chart(inquiries, by_status))),
        Section("Where the money comes from", charts=tuple(drawn)),
    ]


def overview_sections(request: HttpRequest, now: datetime) -> list[Section]:
    """Return the sections that no time range narrows: the whole pipeline and the last 30 days."""
    whole = InquirySet(request, {})
    open_ones = whole.narrowed_by(**OPEN)
    all_found, open_found = tally_inquiries(whole.rows), tally_inquiries(open_ones.rows)
    net = whole.rows.count_distinct_inquiries()
    # Text, not a link: no list shows one of each group of look-alikes.
    note = (
        f"Open and closed. {net.number:,} distinct inquir{'y' if net.number == 1 else 'ies'},"
        f" {format_number(net.value, Unit.MONEY)}: those of the same person, company and message count once,"
        " with the highest value among them."
    )
    figures = (
        Figure("Value, all time", whole.inquiry_value(all_found), note=note),
        Figure("Inquiries, all time", whole.inquiry_count(all_found)),
        Figure("Open value", open_ones.inquiry_value(open_found), note="Neither won nor lost."),
        Figure("Open inquiries", open_ones.inquiry_count(open_found)),
    )
    sections = [Section("The whole pipeline", figures if all_found.rows else (), empty=_NO_INQUIRIES)]
    return [*sections, *_last_30_days_sections(whole, now)] if all_found.rows else sections


def _last_30_days_sections(whole: InquirySet, now: datetime) -> list[Section]:
    """Return what the view `current_pipeline_summary` says, linked to the rows it sees."""
    if not list_link(whole.request, CurrentPipelineSummary):
        return []
    summary = CurrentPipelineSummary.objects.get()
    # The view asks for CURRENT_DATE, and every connection's clock is UTC.
    first = datetime.combine(now.astimezone(UTC).date() - timedelta(days=30), time.min, UTC)
    recent = whole.narrowed_by(created_at__gte=first)
    new = recent.narrowed_by(status__exact=InquiryStatus.NEW.value)
    money = summary.total_pipeline_value if summary.total_inquiries else Decimal(0)
    note = f"Inquiries made since {timezone.localtime(first):%-d %b %Y, %H:%M}, of every status."
    figures = (
        Figure("Value, last 30 days", Number(money, Unit.MONEY, recent.link, of="estimated_value")),
        Figure("Inquiries, last 30 days", Number(summary.total_inquiries, Unit.COUNT, recent.link)),
        Figure("Still new, last 30 days", Number(summary.new_inquiries or 0, Unit.COUNT, new.link)),
    )
    return [Section("The last 30 days", figures, note=note)]


def _range_section(inquiries: InquirySet, time_range: TimeRange) -> Section:
    """Return the range's figures, each with the same figure of as many days before."""
    before_range = time_range.previous_range()
    before = None
    note = "All time has no period before it: choose a shorter range to compare."
    if before_range is not None:
        before = InquirySet(inquiries.request, dict(before_range.as_lookups("created_at")))
        note = f"The period before: {before_range.label}."
    figures: list[Figure] = []
    for label, lookups in (("", {}), (" won", _WON)):
        money, count = inquiries.narrowed_by(**lookups).value_and_count()
        money_before, count_before = before.narrowed_by(**lookups).value_and_count() if before else (None, None)
        figures.append(Figure(f"Value{label}", money, money_before))
        figures.append(Figure(f"Inquiries{label}", count, count_before))
    return Section(f"Inquiries made: {time_range.label}", tuple(figures), note=note)
