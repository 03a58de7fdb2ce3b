"""Times and durations in words, by the pages' clock."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_TENTHS_BELOW_SECONDS: Final = 10
"""Shorter durations are said with a tenth of a second."""


def format_duration(took: timedelta) -> str:
    """Return a duration in its two largest units: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 3 days 4 h."""
    seconds = max(took.total_seconds(), 0.0)
    if seconds < _TENTHS_BELOW_SECONDS:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two_units(whole // _MINUTE, "min", whole % _MINUTE, "s")
    if whole < _DAY:
        return _two_units(whole // _HOUR, "h", whole % _HOUR // _MINUTE, "min")
    days = whole // _DAY
    return _two_units(days, "day" if days == 1 else "days", whole % _DAY // _HOUR, "h")


def format_age(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in one unit: 4 s ago, 3 min ago, 5 h ago, 2 days ago."""
    return f"{_one_unit((now - moment).total_seconds())} ago"


def format_time_until(moment: datetime, now: datetime) -> str:
    """Return how long it is until a moment: in 4 min; "due now" where it is over."""
    seconds = (moment - now).total_seconds()
    return f"in {_one_unit(seconds)}" if seconds > 0 else "due now"


def format_day_and_time(moment: datetime, now: datetime) -> str:
    """Return a moment by the pages' clock, as brief as it is clear: today 14:15, tomorrow 02:30, 23 Nov 2026 14:15."""
    local, today = timezone.localtime(moment), timezone.localdate(now)
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((local.date() - today).days)
    return f"{near or f'{local.day} {local:%b %Y}'} {local:%H:%M}"


def format_time_and_date(moment: datetime, now: datetime) -> str:
    """Return the time of day, and the date where it is not today's: 14:15, or 14:15 (21 Nov 2026)."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate(now)
    return f"{local:%H:%M}" if is_today else f"{local:%H:%M} ({date_format(local, 'j M Y')})"


def _one_unit(seconds: float) -> str:
    whole = max(round(seconds), 0)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h"
    days = whole // _DAY
    return "1 day" if days == 1 else f"{days} days"


def _two_units(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large} {unit} {small} {small_unit}" if small else f"{large} {unit}"
