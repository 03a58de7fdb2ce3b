"""Days and moments in words, in the site's time zone."""

from datetime import datetime

from django.utils.timezone import localtime


def format_local_day(moment: datetime) -> str:
    """Return the local day of a moment: 29 Aug 2025."""
    local = localtime(moment)
    return f"{local.day} {local:%b %Y}"


def format_local_minute(moment: datetime) -> str:
    """Return a moment in local time, to the minute."""
    return f"{localtime(moment):%Y-%m-%d %H:%M}"
