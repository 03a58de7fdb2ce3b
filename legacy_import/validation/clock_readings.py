"""Parsing a legacy timestamp without the importer's codecs: by Python's own parser and zoneinfo. Pure functions.

A second, independent implementation: `clocks` compares its instants with the stored ones.
"""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

_DATE_ONLY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_BLANK_BEFORE_OFFSET: Final = re.compile(r"\s(?=[Z+-][\d:]*$)")
_MIDNIGHT_AS_24: Final = re.compile(r"(?<=[T ])24(?=:00(?!:?\d)|:00:00(?:\.0*)?(?![.\d]))")
_LEAP_SECOND: Final = re.compile(r"(?<=:\d\d:)60")
_CLOCK: Final = re.compile(r"(1[0-2]|0?[1-9]):(\d{2}) ?([AP])M", re.IGNORECASE)


def parse_instant(cell: str, *, naive: tzinfo, local: tzinfo) -> datetime | None:
    """Return the instant a cell names, None where Python cannot read it.

    `naive` is the clock of a cell that names none; a date alone is midnight by the local one.
    """
    if not _DATE_ONLY.match(cell):
        return None
    # Two spellings that PostgreSQL reads and Python does not: the day's last instant, and the minute's.
    spelled, days = _MIDNIGHT_AS_24.subn("00", _BLANK_BEFORE_OFFSET.sub("", cell))
    spelled, seconds = _LEAP_SECOND.subn("59", spelled)
    try:
        read = datetime.fromisoformat(spelled) + timedelta(days=days, seconds=seconds)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
        return _instant_on_clock(read, local if _DATE_ONLY.fullmatch(cell) else naive)
    except (ValueError, OverflowError):
        # No date, or one at the calendar's end whose instant is outside it: the import has refused it.
        return None


def parse_clock_instant(day: str, clock: str, *, local: tzinfo) -> datetime | None:
    """Return the instant that a date and a twelve-hour clock name together, None where they are none."""
    found = _CLOCK.fullmatch(clock)
    if found is None or not _DATE_ONLY.fullmatch(day):
        return None
    hour = int(found[1]) % 12 + (12 if found[3].upper() == "P" else 0)
    try:
        return _instant_on_clock(datetime.combine(datetime.fromisoformat(day), time(hour, int(found[2]))), local)
    except (ValueError, OverflowError):
        return None


def _instant_on_clock(read: datetime, clock: tzinfo) -> datetime:
    """Return the instant at which the clock shows what was read.

    The hour that autumn repeats is its later instant, the hour that spring leaves out is read by the offset before the
    change: both are the smaller of the two offsets in question, and both are the codecs' declared choice.
    """
    if clock is UTC:
        return read.replace(tzinfo=UTC)
    # fold is Python's name for which of the two offsets a repeated or skipped hour is read by (PEP 495).
    return read.replace(tzinfo=UTC) - min(_utc_offset(read, clock, 0), _utc_offset(read, clock, 1))


def _utc_offset(read: datetime, clock: tzinfo, fold: int) -> timedelta:
    return read.replace(tzinfo=clock, fold=fold).utcoffset() or timedelta()


@cache
def load_zone(name: str) -> ZoneInfo:
    """Return the clock of that name."""
    return ZoneInfo(name)
