"""Adaptations: what is overdue, what is due in the next two weeks, and what waits for a time."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone

from revenue.models import AdaptationStatus, PlatformAdaptation
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, list_link
from synapse.kit.dashboard.grouping import largest_groups

_DAYS: Final = 14
_NOT_POSTED: Final = {"status__not_among": [AdaptationStatus.POSTED.value]}
_EMPTY: Final = (
    "Nothing is to be posted. The content management file brings adaptations: import it on the page Sources, or add "
    "some on a content piece."
)


def adaptations_section(request: HttpRequest, _: TimeRange, now: datetime) -> Section:
    """Return what is to be posted as seen now: it looks ahead, so no range of time narrows it."""
    end = _due_window_end(now)
    waiting: dict[str, tuple[dict[str, Any], str]] = {
        "Overdue": ({"scheduled_time__lt": now}, "its time has passed and it is not posted"),
        "Due": ({"scheduled_time__gte": now, "scheduled_time__lt": end}, f"in {_DAYS} days"),
        "Later": ({"scheduled_time__gte": end}, ""),
        "Without a time": ({"scheduled_time__isnull": True}, "not posted, not scheduled"),
    }
    kinds = {label: ({**when, **_NOT_POSTED}, note) for label, (when, note) in waiting.items()}
    kinds["Posted"] = {"status__exact": AdaptationStatus.POSTED.value}, ""
    figures = []
    for label, (lookups, note) in kinds.items():
        rows = PlatformAdaptation.objects.filter(**lookups)
        link = list_link(request, PlatformAdaptation, **lookups)
        figures.append(Figure(label, Number(rows.count(), link=link), note=note))
    return Section(
        title="Adaptations to post",
        figures=tuple(figures),
        charts=(
            _platform_chart(request, {"scheduled_time__lt": now}, "Overdue, by platform", "Nothing is overdue."),
            _platform_chart(request, {}, "Not posted yet, by platform", _EMPTY),
            _day_chart(request, now),
        ),
        note="As it is now; the time range above does not narrow it. Posted is what has the status posted.",
    )


def _platform_chart(request: HttpRequest, when: Mapping[str, Any], title: str, empty: str) -> Chart:
    lookups = {**when, **_NOT_POSTED}
    bars = [
        Bar(
            group.label,
            (Number(group.rows, link=list_link(request, PlatformAdaptation, **lookups, **group.lookups)),),
        )
        for group in largest_groups(PlatformAdaptation.objects.filter(**lookups), "platform")
    ]
    return Chart(title, ChartKind.BARS, "Platform", ("Adaptations",), tuple(bars), empty)


def _day_chart(request: HttpRequest, now: datetime) -> Chart:
    due = {"scheduled_time__gte": now, "scheduled_time__lt": _due_window_end(now), **_NOT_POSTED}
    by_day = PlatformAdaptation.objects.filter(**due).order_by().values(day=TruncDate("scheduled_time"))
    counted = {line["day"]: line["rows"] for line in by_day.annotate(rows=Count("pk"))}
    bars = []
    for start, end in _remaining_days(now):
        day = timezone.localdate(start)
        lookups = {"scheduled_time__gte": start, "scheduled_time__lt": end, **_NOT_POSTED}
        link = list_link(request, PlatformAdaptation, **lookups)
        bars.append(Bar(f"{day:%a} {day.day} {day:%b}", (Number(counted.get(day, 0), link=link),)))
    return Chart(
        title=f"Due in the next {_DAYS} days",
        kind=ChartKind.COLUMNS,
        label_heading="Day",
        headings=("Adaptations",),
        bars=tuple(bars) if counted else (),
        empty=f"Nothing is due in the next {_DAYS} days: give adaptations a scheduled time.",
        note="Today counts from now on.",
    )


def _remaining_days(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the two ends of what is left of today, then of each following day."""
    # Local midnights made aware one by one: a day of summer time's change has 23 or 25 hours.
    today = timezone.localdate(now)
    midnights = [
        timezone.make_aware(datetime.combine(today + timedelta(days=days), time.min)) for days in range(1, _DAYS + 1)
    ]
    yield from zip([now, *midnights], midnights, strict=False)


def _due_window_end(now: datetime) -> datetime:
    return list(_remaining_days(now))[-1][1]
