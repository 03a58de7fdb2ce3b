"""Times and durations as the monitor says them."""

from datetime import UTC, datetime, timedelta

import pytest

from synapse.foundation.text.time_formats import format_age, format_day_and_time, format_duration, format_time_until

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0.0 s"),
        (0.44, "0.4 s"),
        (12, "12 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (86400 + 3600, "1 day 1 h"),
        (3 * 86400, "3 days"),
    ],
)
def test_duration_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == words


def test_ages_are_said_in_one_unit() -> None:
    assert format_age(NOW - timedelta(seconds=4), NOW) == "4 s ago"
    assert format_age(NOW + timedelta(seconds=4), NOW) == "0 s ago"
    assert format_age(NOW - timedelta(hours=30), NOW) == "1 day ago"
    assert format_time_until(NOW + timedelta(minutes=4), NOW) == "in 4 min"
    assert format_time_until(NOW, NOW) == "due now"


def test_moments_are_said_by_the_pages_clock() -> None:
    assert format_day_and_time(NOW, NOW) == "today 14:00"
    assert format_day_and_time(NOW + timedelta(hours=10), NOW) == "tomorrow 00:00"
    assert format_day_and_time(NOW - timedelta(hours=15), NOW) == "yesterday 23:00"
    assert format_day_and_time(NOW - timedelta(days=20), NOW) == "3 Nov 2026 14:00"
