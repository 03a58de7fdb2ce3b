"""From when on the queue and the views are late: the same limits for readiness and for the line on every page."""

from datetime import timedelta
from typing import Final

QUEUE_LATE_AFTER: Final = timedelta(minutes=5)
"""A message that no worker takes for so long: all are busy with long jobs, or none is there."""

VIEWS_LATE_AFTER: Final = timedelta(hours=9)
"""The night's gap between two refreshes, from 22 to 6 o'clock, and an hour for a refresh that had to be tried again."""
