"""The legacy system's two clocks: CURRENT_TIMESTAMP prints UTC, Python's isoformat() prints naive local time.

A moment is given as days before the demonstration's today and printed in both spellings.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Moment:
    """One aware instant, and the ways the legacy code writes it down."""

    at: datetime

    @property
    def utc_text(self) -> str:
        """Return the shape of SQLite's CURRENT_TIMESTAMP: UTC, whole seconds, a space."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def local_text(self) -> str:
        """Return the shape of datetime.now().isoformat(): naive local, no fraction where it is zero."""
        return self.at.replace(tzinfo=None).isoformat()

    @property
    def local_date(self) -> str:
        """Return the local date, YYYY-MM-DD."""
        return self.at.date().isoformat()

    def key_stamp(self, pattern: str = "%Y%m%d%H%M%S") -> str:
        """Return the local time as the legacy code puts it into keys."""
        return self.at.strftime(pattern)

    def shifted_by(self, *, days: int = 0, seconds: int = 0, microseconds: int = 0) -> "Moment":
        """Return a moment so much later on the local clock."""
        return Moment(self.at + timedelta(days=days, seconds=seconds, microseconds=microseconds))


@dataclass(frozen=True, slots=True)
class Clock:
    """The demonstration's today, in the legacy writers' zone."""

    today: date
    zone: ZoneInfo

    def days_before_today(self, days: int, clock_time: str, *, microseconds: int = 0) -> Moment:
        """Return the local HH:MM[:SS] so many days before today."""
        day = self.today - timedelta(days=days)
        return Moment(datetime.combine(day, time.fromisoformat(clock_time), self.zone)).shifted_by(
            microseconds=microseconds
        )

    def days_since_monday(self, weeks_ago: int) -> int:
        """Return how many days ago the Monday of that week was."""
        return self.today.weekday() + 7 * weeks_ago
