"""Local time of moments at the end of the calendar: a legacy file may hold one whose local date is in the year 10000.

Python has no such date, so the moment is clamped to the last one that has a local date everywhere.
"""

from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Case, DateTimeField, F, Value, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

LATEST: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""No clock on earth is a day ahead of UTC, so this has a local date in every time zone."""


def to_local_time(moment: datetime) -> datetime:
    """Return the moment by the reader's clock, at most the last one that has a local date."""
    return timezone.localtime(min(moment, LATEST))


def local_month(column: str) -> Any:
    """Return an expression: the local month of a column of moments, NULL where there is none."""
    # Not Least(): PostgreSQL's ignores NULL.
    is_later = When(**{f"{column}__gt": LATEST}, then=Value(LATEST))
    return TruncMonth(Case(is_later, default=F(column), output_field=DateTimeField()))
