"""The charts of the pipeline: by month, type, channel, and post.

business_core.querysets counts; the funnel is in funnel.py. Every bar carries the lookups of the list it opens.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from django.utils import timezone
from django.utils.text import Truncator

from business_core.dashboard.inquiry_numbers import InquirySet
from business_core.inquiry_choices import InquiryChannel, InquiryType
from business_core.querysets.dashboard_figures import Tally, tallies_by_month, tallies_by_post
from synapse.kit.dashboard import Bar, Chart, ChartKind, TimeRange
from synapse.kit.dashboard.grouping import Group, largest_groups

HEADINGS: Final = ("Value", "Inquiries")
EMPTY: Final = "No inquiry came in this time. Choose a longer range above, or import a source."
_MAX_MONTHS: Final = 24
_MAX_POSTS: Final = 10
_MAX_TITLE_LENGTH: Final = 80


def type_chart(inquiries: InquirySet) -> Chart:
    """Return the value by what people ask for."""
    return _chart_by_column(inquiries, "inquiry_type", "Value by type", "Type", dict(InquiryType.choices))


def channel_chart(inquiries: InquirySet) -> Chart:
    """Return the value by the way inquiries came."""
    return _chart_by_column(inquiries, "inquiry_channel", "Value by channel", "Channel", dict(InquiryChannel.choices))


def _chart_by_column(inquiries: InquirySet, column: str, title: str, heading: str, words: dict[str, str]) -> Chart:
    bars = []
    for group in sorted(largest_groups(inquiries.rows, column, sums=("estimated_value",)), key=_value_sort_key):
        money = group.sums["estimated_value"]
        found = Tally(group.rows, None if money is None else Decimal(money))
        numbers = inquiries.narrowed_by(**group.lookups).value_and_count(found)
        bars.append(Bar(words.get(group.label, group.label), numbers))
    return Chart(title, ChartKind.BARS, heading, HEADINGS, tuple(bars), EMPTY)


def _value_sort_key(group: Group) -> tuple[bool, Decimal]:
    """Sort by the value that is drawn, all others last."""
    return any(name.endswith("__not_among") for name in group.lookups), -Decimal(group.sums["estimated_value"] or 0)


def month_chart(inquiries: InquirySet, time_range: TimeRange, today: date) -> Chart:
    """Return the value by the month in which inquiries came, a month without any between two others too."""
    tallies = tallies_by_month(inquiries.rows)
    dated = {line.month: line.tally for line in tallies if line.month is not None}
    this_month = today.replace(day=1)
    until_now = [month for month in dated if month <= this_month]
    months = _months_between(min(until_now), max(until_now)) if until_now else []
    shown, earlier = months[-_MAX_MONTHS:], months[:-_MAX_MONTHS]
    bars = [_month_bar(inquiries, time_range, month, dated.get(month, Tally(0, Decimal(0)))) for month in shown]
    if earlier:
        older = inquiries.narrowed_by(created_at__lt=_local_midnight(shown[0]))
        found = _sum_tallies([dated[month] for month in earlier if month in dated])
        bars.insert(0, Bar(f"before {shown[0]:%b %Y}", older.value_and_count(found)))
    # One mistyped year would take the columns' place for itself.
    if len(until_now) < len(dated):
        after = _local_midnight(_add_months(this_month, 1))
        # A range that begins later still is not to be widened.
        later = inquiries.narrowed_by(created_at__gte=max(after, inquiries.lookups.get("created_at__gte", after)))
        found = _sum_tallies([dated[month] for month in dated if month > this_month])
        bars.append(Bar(f"later than {this_month:%b %Y}", later.value_and_count(found)))
    undated = inquiries.narrowed_by(created_at__isnull=True)
    bars += [Bar("without a date", undated.value_and_count(line.tally)) for line in tallies if line.month is None]
    note = "By the local date on which the inquiry was made."
    if this_month in until_now:
        note += " The last month isn't over."
    return Chart("Value by month", ChartKind.COLUMNS, "Month", HEADINGS, tuple(bars), EMPTY, note)


def _month_bar(inquiries: InquirySet, time_range: TimeRange, month: date, found: Tally) -> Bar:
    first, after = _local_midnight(month), _local_midnight(_add_months(month, 1))
    # At the edges of the range a month is cut as the range is, or the list would show more than was counted.
    start = max(first, time_range.start or first)
    end = min(after, time_range.end or after)
    numbers = inquiries.narrowed_by(created_at__gte=start, created_at__lt=end).value_and_count(found)
    return Bar(f"{month:%b %Y}", numbers)


def _sum_tallies(tallies: list[Tally]) -> Tally:
    money = [line.money for line in tallies if line.money is not None]
    return Tally(sum(line.rows for line in tallies), sum(money, Decimal(0)) if money else None)


def post_chart(inquiries: InquirySet) -> Chart:
    """Return the posts that brought the most money, and what no post brought."""
    bars = []
    for line in tallies_by_post(inquiries.rows, most=_MAX_POSTS):
        if line.post_id is None:
            numbers = inquiries.narrowed_by(source_post__isnull=True).value_and_count(line.tally)
            bars.append(Bar("(no post known)", numbers))
            continue
        numbers = inquiries.narrowed_by(source_post__exact=line.post_id).value_and_count(line.tally)
        bars.append(Bar(_post_title(line.content) or line.external_post_id, numbers, note=line.external_post_id))
    note = f"At most {_MAX_POSTS} posts, by the value of the inquiries they brought in this time."
    return Chart("Posts that bring money", ChartKind.BARS, "Post", HEADINGS, tuple(bars), EMPTY, note)


def _post_title(content: str) -> str:
    """Return the first line that says something, less the marks of a heading, cut."""
    lines = (line.strip().lstrip("# ") for line in content.splitlines())
    return Truncator(next(filter(None, lines), "")).chars(_MAX_TITLE_LENGTH)


def _months_between(first: date, last: date) -> list[date]:
    """Return the first days of the months, both ends included."""
    number = (last.year - first.year) * 12 + last.month - first.month + 1
    return [_add_months(first, steps) for steps in range(number)]


def _add_months(month: date, steps: int) -> date:
    years, months = divmod(month.month - 1 + steps, 12)
    return date(month.year + years, months + 1, 1)


def _local_midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
