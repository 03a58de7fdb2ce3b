"""Ranges of time: their edges on the local clock, the range before, and what a person can get wrong."""

from datetime import UTC, date, datetime

import pytest
from django.test import RequestFactory

from synapse.kit.dashboard import TimeRange

NOW = datetime(2025, 11, 22, 22, 30, tzinfo=UTC)
"""Half past midnight of the 23rd in Bucharest."""


def asked(query: str, now: datetime = NOW) -> TimeRange:
    return TimeRange.from_request(RequestFactory().get(f"/?{query}"), now)


def test_without_a_choice_it_is_all_time() -> None:
    found = asked("")
    assert (found.start, found.end, found.label, found.previous_range()) == (None, None, "All time", None)
    assert found.as_lookups("created_at") == {}


def test_thirty_days_end_with_the_local_today() -> None:
    found = asked("range=30d")
    assert (found.first, found.last) == (date(2025, 10, 24), date(2025, 11, 23))
    assert found.label == "Last 30 days (24 Oct 2025 to 23 Nov 2025)"


def test_edges_are_local_midnights_on_both_sides_of_the_clock_change() -> None:
    found = asked("range=30d")
    assert found.start is not None
    assert found.end is not None
    assert found.start.isoformat() == "2025-10-24T00:00:00+03:00"
    assert found.end.isoformat() == "2025-11-24T00:00:00+02:00"


def test_day_of_the_clock_change_has_25_hours() -> None:
    found = asked("range=custom&from=2025-10-26&to=2025-10-26")
    assert found.start is not None
    assert found.end is not None
    assert (found.end.astimezone(UTC) - found.start.astimezone(UTC)).total_seconds() == 25 * 3600


@pytest.mark.parametrize("choice", ["30d", "90d", "custom&from=2025-01-01&to=2025-01-31"])
def test_period_before_has_as_many_days_and_touches_the_range(choice: str) -> None:
    found = asked(f"range={choice}")
    before = found.previous_range()
    assert before is not None
    assert found.first is not None
    assert found.last is not None
    assert before.first is not None
    assert before.last is not None
    assert before.end == found.start
    assert before.last - before.first == found.last - found.first


def test_period_before_twelve_months_is_the_year_before() -> None:
    before = asked("range=12m").previous_range()
    assert before is not None
    assert (before.first, before.last) == (date(2023, 11, 23), date(2024, 11, 22))


def test_a_year_before_the_leap_day_is_the_28th() -> None:
    assert asked("range=12m", datetime(2024, 2, 29, 12, tzinfo=UTC)).first == date(2023, 2, 28)


def test_range_without_a_last_day_has_no_end_and_no_period_before() -> None:
    found = asked("range=custom&from=2025-08-01")
    assert (found.end, found.previous_range(), found.label) == (None, None, "since 1 Aug 2025")
    assert list(found.as_lookups("created_at")) == ["created_at__gte"]


def test_range_without_a_first_day_has_no_start() -> None:
    found = asked("range=custom&to=2025-08-01")
    assert (found.start, found.label) == (None, "until 1 Aug 2025")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("range=custom&from=1.8.2025", "1.8.2025 is no date: write it as 2025-08-31."),
        ("range=custom&from=2025-09-01&to=2025-08-01", "swap them"),
        ("range=custom&from=0001-01-01", "The year 1 is out of reach"),
        ("range=custom&to=9999-12-31", "The year 9999 is out of reach"),
        ("range=forever", "No range is called forever"),
    ],
)
def test_mistake_is_said_and_all_time_is_shown(query: str, words: str) -> None:
    found = asked(query)
    assert words in found.problem
    assert found.as_lookups("created_at") == {}
    assert found.label == "All time"
