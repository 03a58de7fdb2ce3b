"""The refusal of what must not go through PgBouncer in transaction mode: workers, dumps.

PgBouncer lends a server's session to one client after another. What pg_dump sets for its session (an empty search_path,
row_security off) would be found by the next page, which then finds no table; a session's advisory lock would never be
released; and a transaction that stays open, as a job's does, would keep one of the few sessions for itself.
"""

from django.conf import settings


def pgbouncer_refusal(who: str) -> str:
    """Return why `who` can't work here and what to do, a sentence; empty where there is no PgBouncer."""
    if not settings.BEHIND_PGBOUNCER:
        return ""
    return (
        f"{who} can't go through PgBouncer in transaction mode:"
        " run manage.py with the three database URLs leading to PostgreSQL itself and DATABASE_BEHIND_PGBOUNCER off."
    )
