"""The job that refreshes the materialized views of all three databases.

What lives here: the job. What does not: refreshing (synapse.foundation.materialized_views); an import refreshes what it
touched itself, in its own transaction.
"""

from datetime import timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError, connections

from synapse.foundation.databases import ALIASES, DATABASE_NAMES
from synapse.foundation.materialized_views import refresh_views
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work


class RefreshFailedError(Exception):
    """Databases whose views could not be refreshed, each in its sentence; those of the others are fresh."""


def _refresh(work: Work) -> Result:
    """Refresh each database's views, then fail where one could not be; another attempt takes only those up again."""
    refreshed: dict[str, list[str]] = {}
    failures = []
    for place, alias in enumerate(ALIASES):
        work.report_progress(place, len(ALIASES), DATABASE_NAMES[alias])
        try:
            with work.once(alias) as is_first:
                if is_first:
                    refreshed[DATABASE_NAMES[alias]] = refresh_views(alias=alias)
        except (DatabaseError, InterfaceError) as error:
            failures.append(f"{DATABASE_NAMES[alias]} could not be refreshed: {' '.join(str(error).split())}.")
            connections[alias].close_if_unusable_or_obsolete()
    if failures:
        raise RefreshFailedError(" ".join(failures))
    return {"summary": _summary(refreshed), "refreshed": refreshed}


def _summary(refreshed: dict[str, list[str]]) -> str:
    views = [view for names in refreshed.values() for view in names]
    return f"Refreshed {', '.join(views)}." if views else "An earlier attempt had refreshed them all."


REFRESH_VIEWS: Final = register_job(
    Job(
        name="refresh-views",
        title="Refresh the materialized views",
        work=_refresh,
        cron="0 6-22/4 * * *",
        time_limit=timedelta(minutes=30),
    )
)
