"""The ticks over both clock changes of Bucharest, asked of django-q itself: none lost, none doubled by day."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import django_q.models
import pytest
from django_q.models import Schedule

from synapse.kit.jobs.registry import get_job

ZONE = ZoneInfo("Europe/Bucharest")
SPRING, AUTUMN = datetime(2026, 3, 28, 12, tzinfo=ZONE), datetime(2026, 10, 24, 12, tzinfo=ZONE)
"""Noon before the night in which 03:00 becomes 04:00, and before the one in which 04:00 becomes 03:00."""
LATE = timedelta(seconds=29)
"""Schedules are looked at every 30 s: a tick is seen a little after its time, and the next one reckoned from then."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return a list of one time: what django-q's clock shows."""
    shown = [SPRING]
    monkeypatch.setattr(django_q.models, "localtime", lambda: shown[0].astimezone(ZONE))
    return shown


def ticks(name: str, begin: datetime, clock: list[datetime]) -> list[datetime]:
    """Return the job's ticks of the two days from then, as the scheduler makes them."""
    schedule = Schedule(schedule_type=Schedule.CRON, cron=get_job(name).cron)
    end, found = begin.astimezone(UTC) + timedelta(days=2), []
    clock[0] = begin
    while (tick := schedule.calculate_next_run()).astimezone(UTC) < end:
        found.append(tick)
        clock[0] = tick.astimezone(UTC) + LATE
    return found


@pytest.mark.parametrize("begin", [SPRING, AUTUMN])
def test_views_are_refreshed_at_the_same_hours_of_every_day(begin: datetime, clock: list[datetime]) -> None:
    found = ticks("refresh-views", begin, clock)

    hours = [(tick.astimezone(ZONE).day - begin.day, tick.astimezone(ZONE).hour) for tick in found]
    day = [6, 10, 14, 18, 22]
    assert hours == [(0, 14), (0, 18), (0, 22), *((1, hour) for hour in day), (2, 6), (2, 10)]
    assert all(tick.minute == 0 for tick in found)


@pytest.mark.parametrize("begin", [SPRING, AUTUMN])
@pytest.mark.parametrize("name", ["backup", "prune"])
def test_a_nightly_job_runs_once_a_night(name: str, begin: datetime, clock: list[datetime]) -> None:
    days = [tick.astimezone(ZONE).date() for tick in ticks(name, begin, clock)]

    assert len(days) == len(set(days)) == 2


def test_the_validation_of_03_00_is_not_lost_where_the_hour_is_left_out(clock: list[datetime]) -> None:
    found = [f"{tick.astimezone(ZONE):%d %H:%M}" for tick in ticks("validate", SPRING, clock)]

    assert found == ["29 04:00", "30 03:00"]


def test_the_validation_of_03_00_comes_each_time_the_clock_shows_it(clock: list[datetime]) -> None:
    """Twice in one night of the year: two ticks with keys of their own, and a validation changes nothing."""
    found = [tick.astimezone(UTC) for tick in ticks("validate", AUTUMN, clock)]

    assert [f"{tick.astimezone(ZONE):%d %H:%M}" for tick in found] == ["25 03:00", "25 03:00", "26 03:00"]
    assert found[1] - found[0] == timedelta(hours=1)


@pytest.mark.parametrize("begin", [SPRING, AUTUMN])
def test_a_quarter_of_an_hour_stays_one(begin: datetime, clock: list[datetime]) -> None:
    found = [tick.astimezone(UTC) for tick in ticks("sync-legacy", begin, clock)]

    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=15)}
