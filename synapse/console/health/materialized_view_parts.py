"""The materialized views of one database, each a part of readiness, judged by its age."""

from datetime import datetime

from synapse.console.health.limits import VIEWS_LATE_AFTER
from synapse.foundation.materialized_views import refresh_times, view_age
from synapse.kit.panels.health import Part, Status, elapsed_since


def materialized_view_parts(alias: str, now: datetime) -> list[Part]:
    """Return a part for each view of the database; an old one that a refresh would not change is not late."""
    parts = []
    for view, refreshed_at in refresh_times(alias=alias).items():
        age = elapsed_since(refreshed_at, now)
        if age is not None and age <= VIEWS_LATE_AFTER:
            status, sentence = Status.OK, "It was refreshed in time."
        # To find out whether a view is behind costs what its own query costs, so it is asked of an old one only.
        elif view_age(view, alias=alias).is_behind:
            status, sentence = Status.LATE, "It shows other numbers than its tables: the job refresh-views did not run."
        else:
            status, sentence = Status.OK, "It shows what its tables hold."
        parts.append(Part(f"view {view}", status, sentence, age))
    return parts
