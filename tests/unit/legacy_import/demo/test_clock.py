"""The two clocks of the legacy system."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from legacy_import.demo.clock import Clock

BUCHAREST = ZoneInfo("Europe/Bucharest")


def test_moment_in_summer_is_three_hours_ahead_of_utc() -> None:
    moment = Clock(date(2025, 8, 26), BUCHAREST).days_before_today(7, "20:00:47", microseconds=930_332)

    assert moment.local_text == "2025-08-19T20:00:47.930332"
    assert moment.utc_text == "2025-08-19 17:00:47"


def test_moment_in_winter_is_two_hours_ahead_of_utc() -> None:
    assert Clock(date(2025, 1, 20), BUCHAREST).days_before_today(0, "07:00").utc_text == "2025-01-20 05:00:00"


def test_moment_without_microseconds_drops_the_fraction() -> None:
    assert Clock(date(2025, 1, 20), BUCHAREST).days_before_today(0, "07:00").local_text == "2025-01-20T07:00:00"


@pytest.mark.parametrize("today", [date(2025, 8, day) for day in range(18, 25)])
def test_monday_of_week_on_any_weekday_is_a_monday(today: date) -> None:
    clock = Clock(today, BUCHAREST)

    assert clock.days_before_today(clock.days_since_monday(2), "12:00").local_date == "2025-08-04"
