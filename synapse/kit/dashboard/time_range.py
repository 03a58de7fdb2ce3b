"""The time ranges a dashboard can be asked for, and the range before each to compare with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone

ALL: Final = "all"
CUSTOM: Final = "custom"
CHOICES: Final = (
    (ALL, "All time"),
    ("30d", "Last 30 days"),
    ("90d", "Last 90 days"),
    ("12m", "Last 12 months"),
    (CUSTOM, "From … to …"),
)
_DAYS: Final = {"30d": 30, "90d": 90}
_YEARS: Final = range(1900, 2200)
"""Years a person can mean; far outside of them dates overflow."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """The days from `first` to `last`, both included; `first` is None for all time, `last` None for no end.

    `problem` says what was wrong with the request; the range is then all time.
    """

    choice: str = ALL
    first: date | None = None
    last: date | None = None
    problem: str = ""

    @classmethod
    def from_request(cls, request: HttpRequest, now: datetime) -> "TimeRange":
        """Return the range of the query string: `range`, and for a custom one the dates `from` and `to`."""
        choice, today = request.GET.get("range", ALL), timezone.localdate(now)
        if choice in _DAYS:
            # As current_pipeline_summary has it: as many whole days, and today so far.
            return cls(choice, today - timedelta(days=_DAYS[choice]), today)
        if choice == "12m":
            return cls(choice, _a_year_before(today), today)
        if choice == CUSTOM:
            return cls._custom_range(request.GET.get("from", ""), request.GET.get("to", ""))
        return cls() if choice == ALL else cls(problem=f"No range is called {choice[:20]}: showing all time.")

    @classmethod
    def _custom_range(cls, first: str, last: str) -> "TimeRange":
        try:
            days = _parse_day(first), _parse_day(last)
        except ValueError as error:
            return cls(CUSTOM, problem=f"{error} Showing all time.")
        if days[0] is not None and days[1] is not None and days[0] > days[1]:
            return cls(CUSTOM, problem="The first day is after the last one: swap them. Showing all time.")
        return cls(CUSTOM, *days)

    @property
    def start(self) -> datetime | None:
        """The first moment, a local midnight; None for all time."""
        return None if self.first is None else _local_midnight(self.first)

    @property
    def end(self) -> datetime | None:
        """The first moment after the range, a local midnight; None where it has no end."""
        return None if self.last is None else _local_midnight(self.last + timedelta(days=1))

    @property
    def label(self) -> str:
        """The range in words, with its days."""
        words = dict(CHOICES)[self.choice]
        if self.first is None and self.last is None:
            return "All time"
        days = _format_day_range(self.first, self.last)
        return days if self.choice == CUSTOM else f"{words} ({days})"

    def as_lookups(self, column: str) -> dict[str, datetime]:
        """Return the range as lookups on a timestamp column (half-open), for a filter and for a list's link alike."""
        edges = {f"{column}__gte": self.start, f"{column}__lt": self.end}
        return {lookup: edge for lookup, edge in edges.items() if edge is not None}

    def previous_range(self) -> "TimeRange | None":
        """Return the range of the same length right before this one; None where it has no first or no last day."""
        if self.first is None or self.last is None:
            return None
        if self.choice == "12m":
            return TimeRange(CUSTOM, _a_year_before(self.first), self.first - timedelta(days=1))
        days = self.last - self.first
        last = self.first - timedelta(days=1)
        return TimeRange(CUSTOM, last - days, last)

    def form_context(self) -> dict[str, Any]:
        """Return the template context of the form in which a range is chosen."""
        custom = self.choice == CUSTOM
        return {
            "choices": [(value, label, value == self.choice) for value, label in CHOICES],
            "first": self.first.isoformat() if custom and self.first else "",
            "last": self.last.isoformat() if custom and self.last else "",
            "label": self.label,
            "problem": self.problem,
        }


def _local_midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        # 29 February.
        return day.replace(year=day.year - 1, day=28)


def _parse_day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:20]} is no date: write it as 2025-08-31.") from None
    if day.year not in _YEARS:
        raise ValueError(f"The year {day.year} is out of reach: choose one from {_YEARS[0]} to {_YEARS[-1]}.")
    return day


def _format_day_range(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return f"until {_format_day(last)}" if last else f"since {_format_day(first)}"
    return f"{_format_day(first)} to {_format_day(last)}"


def _format_day(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day:%b %Y}"
