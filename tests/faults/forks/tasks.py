"""What the workers of test_forks.py do: ask each database for a number that only one question can have."""

from django.db import connections

from synapse.foundation.databases import ALIASES


def echo(number: int) -> list[int]:
    """Return the number as each database said it."""
    return [_said(alias, number) for alias in ALIASES for _ in range(5)]


def _said(alias: str, number: int) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT %s::int + 0 * count(*) FROM generate_series(1, 2000)", [number])
        return int(cursor.fetchone()[0])
