"""What must not go through PgBouncer in transaction mode, and the sentence that refuses it.

What lives here: whether the databases' addresses lead to PgBouncer, and saying no. What does not: the settings of the
connections that may go there (databases).
PgBouncer lends a server's session to one client after another. What pg_dump sets for its own session (an empty
search_path, row_security off) is then found by the next page, which finds no table; a session's lock is never let go;
and a transaction that stays open, as a job's does, keeps one of the few sessions for itself.
"""

from django.conf import settings


def pgbouncer_refusal(who: str) -> str:
    """Return why the one named can't work here and what to do, one sentence; empty where there is no PgBouncer."""
    if not settings.BEHIND_PGBOUNCER:
        return ""
    return (
        f"{who} can't go through PgBouncer in transaction mode:"
        " run manage.py with the three database URLs leading to PostgreSQL itself and DATABASE_BEHIND_PGBOUNCER off."
    )
