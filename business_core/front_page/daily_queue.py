"""The queue of the day for people who sell: next actions that are overdue, due today and soon; what has no date.

The queries are business_core.querysets', a line's words inquiry_lines', the buttons' effects actions'.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from business_core.front_page.inquiry_lines import InquiryLine, due_line, stale_line, untouched_line
from business_core.inquiry_choices import InquiryStatus
from business_core.models import ConsultationInquiry
from business_core.querysets.dashboard_figures import Tally, tally_inquiries
from business_core.querysets.inquiries import InquiryQuerySet
from synapse.kit.dashboard import Figure, Number, Section, Unit, list_link

MAX_SHOWN: Final = 6
"""Inquiries of each group that are named; the others are behind a link."""
SOON_DAYS: Final = 7
"""As the list's own filter has it: the figure and the list that it opens must agree."""
STALE_DAYS: Final = 14
"""Days in one stage after which an inquiry is stale."""

_MOST_VALUABLE: Final = F("estimated_value").desc(nulls_last=True)
_UNTOUCHED: Final = Q(status=InquiryStatus.NEW, next_action_due_date=None) & (Q(next_action=None) | Q(next_action=""))


@dataclass(frozen=True, slots=True)
class CountedInquiries:
    """Inquiries with their count and value, and the address of the list that holds exactly them."""

    rows: InquiryQuerySet
    total: Tally
    link: str

    @property
    def link_label(self) -> str:
        """The label of the link to the list."""
        return f"All {self.total.rows:,}" if self.total.rows > MAX_SHOWN else "Open as a list"

    def count_figure(self, label: str) -> Figure:
        """Return how many they are, and what they are worth beside it."""
        worth = Number(self.total.money, Unit.MONEY, self.link, of="estimated_value")
        return Figure(label, Number(self.total.rows, Unit.COUNT, self.link), beside=worth)


@dataclass(frozen=True, slots=True)
class InquiryGroup:
    """The first inquiries of a kind by name; `empty` is said where there is none. `link` opens them all."""

    title: str
    heading: str
    lines: list[InquiryLine]
    link: str
    link_label: str
    empty: str
    has_stage: bool = True
    has_verbs: bool = False


@dataclass(frozen=True, slots=True)
class DailyQueue:
    """The day's work in one sentence, in figures, and by name: what has a date (`due`), and what has none."""

    sentence: str
    figures: Section
    due: list[InquiryGroup]
    others: list[InquiryGroup]


def build_daily_queue(request: HttpRequest, now: datetime) -> DailyQueue:
    """Return the day's work of everybody: the table doesn't say whose an inquiry is."""
    today = timezone.localdate(now)
    inquiries = ConsultationInquiry.objects.all()
    overdue = _counted_inquiries(request, inquiries.overdue(today), due="overdue")
    due_today = _counted_inquiries(request, inquiries.due_between(today), due="today")
    soon = _counted_inquiries(request, inquiries.due_between(today, today + timedelta(days=SOON_DAYS)), due="week")
    new = InquiryStatus.NEW.value
    untouched = _counted_inquiries(request, inquiries.filter(_UNTOUCHED), status__exact=new, due="none")
    figures = (
        overdue.count_figure("Overdue"),
        due_today.count_figure("Due today"),
        soon.count_figure(f"Due today or in {SOON_DAYS} days"),
        untouched.count_figure("New, nothing planned"),
    )
    # Who may only look gets the lines without their buttons.
    may_change = admin.site.get_model_admin(ConsultationInquiry).has_change_permission(request)
    return DailyQueue(
        _day_sentence(overdue.total.rows, due_today.total.rows, untouched.total.rows),
        Section("What needs doing", figures),
        due=[
            _due_group("Overdue", overdue, today, may_change=may_change),
            _due_group(f"Due today or in {SOON_DAYS} days", soon, today, may_change=may_change),
        ],
        others=[_untouched_group(untouched, today), _stale_group(request, now)],
    )


def _counted_inquiries(request: HttpRequest, rows: InquiryQuerySet, **lookups: Any) -> CountedInquiries:
    return CountedInquiries(rows, tally_inquiries(rows), list_link(request, ConsultationInquiry, **lookups))


def _day_sentence(overdue: int, due_today: int, untouched: int) -> str:
    """Return the day in one sentence, the most pressing first."""
    parts = [
        f"{number:,} {one if number == 1 else many} {what}"
        for number, one, many, what in (
            (overdue, "next action", "next actions", "overdue"),
            (due_today, "next action", "next actions", "due today"),
            (untouched, "new inquiry", "new inquiries", "without a plan"),
        )
        if number
    ]
    if not parts:
        return "Nothing is overdue, nothing is due today, and every new inquiry has a plan."
    return f"{', '.join(parts)}."


def _due_group(title: str, due: CountedInquiries, today: date, *, may_change: bool) -> InquiryGroup:
    rows = due.rows.order_by("next_action_due_date", _MOST_VALUABLE, "pk")[:MAX_SHOWN]
    empty = "Nothing. Give an inquiry a next action and a date on its page: it stands here when it is time."
    lines = [due_line(row, today) for row in rows]
    return InquiryGroup(title, "Due", lines, due.link, due.link_label, empty, has_verbs=may_change)


def _untouched_group(untouched: CountedInquiries, today: date) -> InquiryGroup:
    """Return the new inquiries without a next action, the most valuable first."""
    rows = untouched.rows.order_by(_MOST_VALUABLE, F("created_at").asc(nulls_last=True), "pk")[:MAX_SHOWN]
    lines = [untouched_line(row, today) for row in rows]
    empty = "None: every new inquiry has a next action."
    link, words = untouched.link, untouched.link_label
    return InquiryGroup("New, nothing planned", "Came in", lines, link, words, empty, has_stage=False)


def _stale_group(request: HttpRequest, now: datetime) -> InquiryGroup:
    """Return the open inquiries that are longest in their stage; untouched ones have a group of their own."""
    before = now - timedelta(days=STALE_DAYS)
    # Nothing is in its stage for longer than it exists: what is younger needn't be looked up in the change log.
    old_enough = Q(created_at__lt=before) | Q(created_at=None)
    staged: Any = ConsultationInquiry.objects.open().exclude(_UNTOUCHED).filter(old_enough).with_stage_since()
    stale = staged.filter(stage_since__lt=before).order_by("stage_since", "pk")[:MAX_SHOWN]
    lines = [stale_line(row, timezone.localdate(now)) for row in stale]
    empty = f"None: of what is under way, nothing has been in its stage for more than {STALE_DAYS} days."
    link = list_link(request, ConsultationInquiry, open="yes")
    return InquiryGroup("Longest in their stage", "In this stage", lines, link, "All open inquiries", empty)
