"""The job that refreshes the materialized views of all three databases.

An import refreshes what it touched itself, in its own transaction; this job catches what people and other jobs changed.
"""

from datetime import timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError

from synapse.foundation.containment import contain_errors
from synapse.foundation.databases import ALIASES, DATABASE_NAMES
from synapse.foundation.materialized_views import refresh_views
from synapse.foundation.text.error_line import error_line
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work


class RefreshFailedError(Exception):
    """Databases whose views could not be refreshed, each in its sentence; those of the others are fresh."""


def refresh_all_views(work: Work) -> Result:
    """Refresh each database's views, then fail where one could not be; the next attempt takes only the failed ones."""
    refreshed: dict[str, list[str]] = {}
    failures = []
    for place, alias in enumerate(ALIASES):
        work.report_progress(place, len(ALIASES), DATABASE_NAMES[alias])
        name = DATABASE_NAMES[alias]
        # Each database is a step of its own, done exactly once, however often the run is attempted.
        with (
            contain_errors(f"{name} could not be refreshed", foresee=_foreseen_error_sentence) as trouble,
            work.idempotent_step(alias) as is_first,
        ):
            if is_first:
                refreshed[name] = refresh_views(alias=alias)
        if trouble:
            failures.append(trouble.sentence)
    if failures:
        raise RefreshFailedError(" ".join(failures))
    views = [view for names in refreshed.values() for view in names]
    summary = f"Refreshed {', '.join(views)}." if views else "An earlier attempt had refreshed them all."
    return {"summary": summary, "refreshed": refreshed}


def _foreseen_error_sentence(unit: str, error: Exception) -> str:
    return f"{unit}: {error_line(error)}." if isinstance(error, DatabaseError | InterfaceError) else ""


REFRESH_VIEWS: Final = register_job(
    Job(
        name="refresh-views",
        title="Refresh the materialized views",
        work=refresh_all_views,
        cron="0 6-22/4 * * *",
        time_limit=timedelta(minutes=30),
    )
)
