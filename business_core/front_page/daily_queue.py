"""What a person who sells has to do: next actions late, due today and soon; new inquiries; those that stand still.

What lives here: which inquiries, in which order, and the lists they are in. What does not: the questions to the table
(business_core.querysets), how a line reads (lines.py), the verbs (verbs.py).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from business_core.front_page.inquiry_lines import Line, due_line, new_line, still_line
from business_core.inquiry_words import InquiryStatus
from business_core.models import ConsultationInquiry
from business_core.querysets.dashboard_figures import Tally, tally
from business_core.querysets.inquiries import InquiryQuerySet
from synapse.kit.dashboard import Figure, Number, Section, Unit, list_link

SHOWN: Final = 6
"""Inquiries of each kind that are named; the rest is behind a link."""
SOON_DAYS: Final = 7
"""As the list's own filter has it."""
STILL_DAYS: Final = 14
"""Days in one stage after which an inquiry stands still."""
_NOTHING: Final = "Nothing is overdue, nothing is due today, and every new inquiry has a plan."

_MOST_VALUABLE: Final = F("estimated_value").desc(nulls_last=True)
_UNTOUCHED: Final = Q(status=InquiryStatus.NEW, next_action_due_date=None) & (Q(next_action=None) | Q(next_action=""))


@dataclass(frozen=True, slots=True)
class Kind:
    """Inquiries of one kind, what they come to, and the address of the list that holds exactly them."""

    rows: InquiryQuerySet
    found: Tally
    link: str

    def figure(self, label: str) -> Figure:
        """Return how many they are, and what they are worth beside it."""
        worth = Number(self.found.money, Unit.MONEY, self.link, of="estimated_value")
        return Figure(label, Number(self.found.rows, Unit.COUNT, self.link), beside=worth)


@dataclass(frozen=True, slots=True)
class Group:
    """The first inquiries of a kind by name; `empty` is said where there is none. `link` opens them all."""

    title: str
    heading: str
    lines: list[Line]
    link: str
    link_words: str
    empty: str
    has_stage: bool = True
    has_verbs: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """The day's work: in one sentence, in figures, and by name: what has a date, and what has none."""

    sentence: str
    figures: Section
    due: list[Group]
    others: list[Group]


def queue(request: HttpRequest, now: datetime) -> Queue:
    """Return the day's work of everybody: the table doesn't say whose an inquiry is."""
    today = timezone.localdate(now)
    inquiries = ConsultationInquiry.objects.all()
    late = _kind(request, inquiries.overdue(today), due="overdue")
    due_today = _kind(request, inquiries.due(today), due="today")
    soon = _kind(request, inquiries.due(today, today + timedelta(days=SOON_DAYS)), due="week")
    new = InquiryStatus.NEW.value
    untouched = _kind(request, inquiries.filter(_UNTOUCHED), status__exact=new, due="none")
    figures = (
        late.figure("Overdue"),
        due_today.figure("Due today"),
        soon.figure(f"Due today or in {SOON_DAYS} days"),
        untouched.figure("New, nothing planned"),
    )
    may_change = admin.site.get_model_admin(ConsultationInquiry).has_change_permission(request)
    due = [
        _due_group("Overdue", late, today, may_change=may_change),
        _due_group(f"Due today or in {SOON_DAYS} days", soon, today, may_change=may_change),
    ]
    others = [_untouched_group(untouched, today), _still_group(request, now)]
    sentence = _sentence(late.found.rows, due_today.found.rows, untouched.found.rows)
    return Queue(sentence, Section("What needs doing", figures), due, others)


def _kind(request: HttpRequest, rows: InquiryQuerySet, **lookups: Any) -> Kind:
    return Kind(rows, tally(rows), list_link(request, ConsultationInquiry, **lookups))


def _sentence(late: int, due_today: int, untouched: int) -> str:
    """Return the day in one sentence, the most pressing first."""
    said = [
        f"{_many(late, 'next action')} overdue" if late else "",
        f"{_many(due_today, 'next action')} due today" if due_today else "",
        f"{_many(untouched, 'new inquiry', 'new inquiries')} without a plan" if untouched else "",
    ]
    parts = list(filter(None, said))
    return f"{', '.join(parts)}." if parts else _NOTHING


def _many(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _due_group(title: str, kind: Kind, today: date, *, may_change: bool) -> Group:
    rows = kind.rows.order_by("next_action_due_date", _MOST_VALUABLE, "pk")[:SHOWN]
    empty = "Nothing. Give an inquiry a next action and a date on its page: it stands here when it is time."
    lines = [due_line(row, today) for row in rows]
    return Group(title, "Due", lines, kind.link, _all_words(kind), empty, has_verbs=may_change)


def _untouched_group(kind: Kind, today: date) -> Group:
    rows = kind.rows.order_by(_MOST_VALUABLE, F("created_at").asc(nulls_last=True), "pk")[:SHOWN]
    lines = [new_line(row, today) for row in rows]
    empty = "None: every new inquiry has a next action."
    return Group("New, nothing planned", "Came in", lines, kind.link, _all_words(kind), empty, has_stage=False)


def _all_words(kind: Kind) -> str:
    return f"All {kind.found.rows:,}" if kind.found.rows > SHOWN else "Open as a list"


def _still_group(request: HttpRequest, now: datetime) -> Group:
    """Return the open inquiries that are longest in their stage; new ones without a plan stand above already."""
    today = timezone.localdate(now)
    lines = [still_line(row, today) for row in _longest_in_stage(now)]
    empty = f"None: of what is under way, nothing has been in its stage for more than {STILL_DAYS} days."
    link = list_link(request, ConsultationInquiry, open="yes")
    return Group("Longest in their stage", "In this stage", lines, link, "All open inquiries", empty)


def _longest_in_stage(now: datetime) -> list[ConsultationInquiry]:
    """Return the open inquiries that are longest in their stage."""
    before = now - timedelta(days=STILL_DAYS)
    # Nothing is in its stage for longer than it exists: what is younger needn't be looked up in the change log.
    old_enough = Q(created_at__lt=before) | Q(created_at=None)
    staged: Any = ConsultationInquiry.objects.open().exclude(_UNTOUCHED).filter(old_enough).with_stage_since()
    return list(staged.filter(stage_since__lt=before).order_by("stage_since", "pk")[:SHOWN])
