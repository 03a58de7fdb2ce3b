"""The materialized views of one database, each a part of readiness, judged by its age."""

from datetime import datetime

from synapse.console.health.limits import VIEWS_LATE_AFTER
from synapse.foundation.materialized_views import refresh_times, view_age
from synapse.kit.panels.health import Part, Status, age_of


def view_parts(alias: str, now: datetime) -> list[Part]:
    """Return a part for each view of the database; an old one that a refresh would not change is not late."""
    return [_view_part(view, refreshed_at, alias, now) for view, refreshed_at in refresh_times(alias=alias).items()]


def _view_part(view: str, refreshed_at: datetime | None, alias: str, now: datetime) -> Part:
    age = age_of(refreshed_at, now)
    name = f"view {view}"
    if age is not None and age <= VIEWS_LATE_AFTER:
        return Part(name, Status.OK, "It was refreshed in time.", age)
    # To find out whether a view is behind costs as much as to refresh it, so it is asked of an old one only.
    if view_age(view, alias=alias).is_behind:
        return Part(
            name, Status.LATE, "It shows other numbers than its tables: the job refresh-views did not run.", age
        )
    return Part(name, Status.OK, "It shows what its tables hold.", age)
