"""Moments and days at both ends of the calendar, and beyond: what PostgreSQL holds there, Python reads as the end.

PostgreSQL counts from 4713 BC to 294276 and knows infinity; Python's datetime raises for these as soon as a row is
read, and for the first and last hours of its own calendar as soon as they are shown by a local clock. No column is
changed by that: only what a person changes is written back.
"""

from datetime import UTC, date, datetime
from typing import Any, Final

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from django.db.backends.signals import connection_created
from psycopg import DataError
from psycopg.types.datetime import DateLoader, TimestampLoader

# Clocks differ from UTC by less than 16 hours; the import refuses what is beyond these bounds.
EARLIEST: Final = datetime(1, 1, 1, 16, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 31, 8, tzinfo=UTC)


class ReadableMomentLoader(BaseTzLoader):  # type: ignore[misc]  # the stubs lack it
    """Loads a timestamptz; one that some clock could not tell is the nearest that every clock can."""

    def load(self, data: Any) -> datetime:
        """Return the moment, between EARLIEST and LATEST."""
        try:
            moment: datetime = super().load(data)
        except DataError:
            return EARLIEST if _is_before_calendar(data) else LATEST
        return min(max(moment, EARLIEST), LATEST)


class ReadableClockLoader(TimestampLoader):
    """Loads a timestamp without time zone, the clock face of a moment, within the same bounds."""

    def load(self, data: Any) -> datetime:
        """Return the clock face, between EARLIEST and LATEST."""
        earliest, latest = EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)
        try:
            moment = super().load(data)
        except DataError:
            return earliest if _is_before_calendar(data) else latest
        return min(max(moment, earliest), latest)


class ReadableDayLoader(DateLoader):
    """Loads a date; one outside Python's calendar is its first or last day."""

    def load(self, data: Any) -> date:
        """Return the day."""
        try:
            return super().load(data)
        except DataError:
            return date.min if _is_before_calendar(data) else date.max


def register_datetime_loaders() -> None:
    """Register the loaders for every connection of this process, so that dates at the calendar's ends can be read."""
    connection_created.connect(_register_loaders, dispatch_uid="readable_moments")


def _register_loaders(connection: Any, **_signal: Any) -> None:
    adapters = connection.connection.adapters
    # The subclass carries the connection's time zone, by which Django tells whether the loader is the right one.
    loader = type("ReadableMomentLoaderInZone", (ReadableMomentLoader,), {"timezone": connection.timezone})
    adapters.register_loader("timestamptz", loader)
    adapters.register_loader("timestamp", ReadableClockLoader)
    adapters.register_loader("date", ReadableDayLoader)


def _is_before_calendar(data: Any) -> bool:
    text = bytes(data)
    return text.startswith(b"-") or text.endswith(b"BC")
