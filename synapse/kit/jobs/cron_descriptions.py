"""A schedule's cron expression in words: "daily at 02:30", "every 4 hours from 06:00 to 22:00".

For pages. Knows the patterns people write; any other expression is shown as it is. When a schedule is due croniter
computes.
"""

import re
from typing import Final

from django.utils import timezone
from django_q.models import Schedule

_FIELDS: Final = 5
_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVERY: Final = re.compile(r"\*/(\d{1,2})")
_NUMBER: Final = re.compile(r"\d{1,2}")
_STEPS: Final = re.compile(r"(\d{1,2})-(\d{1,2})(?:/(\d{1,2}))?")
_LAST_HOUR: Final = 23


def describe_schedule(schedule: Schedule) -> str:
    """Return when the schedule is due: "every 15 minutes", "daily at 02:30"."""
    if schedule.schedule_type == Schedule.CRON:
        return describe_cron(schedule.cron or "")
    if schedule.schedule_type == Schedule.MINUTES:
        return _describe_interval(schedule.minutes or 1, "minute")
    often = str(schedule.get_schedule_type_display()).lower()
    return f"{often} at {timezone.localtime(schedule.next_run):%H:%M}" if schedule.next_run else often


def describe_cron(cron: str) -> str:
    """Return when the expression is due: "every 4 hours from 06:00 to 22:00"; the expression itself where it is odd."""
    fields = cron.split()
    if len(fields) != _FIELDS:
        return f"at the times of cron {cron}"
    minute, hour, day, month, weekday = fields
    clock = _describe_time_of_day(minute, hour)
    days = _describe_days(day, month, weekday)
    if not clock or days is None:
        return f"at the times of cron {cron}"
    if not days:
        return clock if clock.startswith("every") else f"daily {clock}"
    return f"{days}, {clock}" if clock.startswith("every") else f"{days} {clock}"


def _describe_time_of_day(minute: str, hour: str) -> str:
    """Return the time of day in words; empty where it is not a pattern known here."""
    minutes = _EVERY.fullmatch(minute)
    if minutes or minute == "*":
        every = _describe_interval(int(minutes[1]) if minutes else 1, "minute")
        if hour == "*":
            return every
        steps = _STEPS.fullmatch(hour)
        if steps and not steps[3]:
            return f"{every} from {int(steps[1]):02}:00 to {int(steps[2]):02}:59"
        return f"{every} from {int(hour):02}:00 to {int(hour):02}:59" if _NUMBER.fullmatch(hour) else ""
    if not _NUMBER.fullmatch(minute):
        return ""
    return _describe_hours(int(minute), hour)


def _describe_hours(minute: int, hour: str) -> str:
    if all(_NUMBER.fullmatch(one) for one in hour.split(",")):
        return f"at {_join_with_and([f'{int(one):02}:{minute:02}' for one in hour.split(',')])}"
    past = f" at {minute} past" if minute else ""
    every, steps = _EVERY.fullmatch(hour), _STEPS.fullmatch(hour)
    if hour == "*":
        return f"every hour{past}"
    if every:
        return f"{_describe_interval(int(every[1]), 'hour')}{past}"
    if steps:
        first, last, step = int(steps[1]), int(steps[2]), int(steps[3] or 1)
        # The last tick need not be in the last hour named: 6-22/5 ends at 21.
        latest = min(last, _LAST_HOUR) - (min(last, _LAST_HOUR) - first) % max(step, 1)
        return f"{_describe_interval(step, 'hour')} from {first:02}:{minute:02} to {latest:02}:{minute:02}"
    return ""


def _describe_days(day: str, month: str, weekday: str) -> str | None:
    """Return the days in words: empty for every day, None where they are not a pattern known here."""
    # With both a day of the month and a weekday cron means either of them, which no short sentence says.
    if month != "*" or (day != "*" and weekday != "*"):
        return None
    if day != "*":
        return f"on day {int(day)} of each month" if _NUMBER.fullmatch(day) else None
    if weekday in {"1-5", "MON-FRI", "mon-fri"}:
        return "Mondays to Fridays"
    if weekday == "*":
        return ""
    numbers = weekday.split(",")
    if not all(_NUMBER.fullmatch(one) and int(one) < len(_DAYS) for one in numbers):
        return None
    return _join_with_and([f"{_DAYS[int(one)]}s" for one in numbers])


def _describe_interval(number: int, unit: str) -> str:
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def _join_with_and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
