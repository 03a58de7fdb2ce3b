"""Health probes: what each app knows of its data's age and backlog, for readiness, metrics and the line of stale data.

The words shared by probes and pages stand here; asking and answering is synapse.console.health's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from prometheus_client.core import Metric

from synapse.kit.panels.registry import PanelRegistry


class Status(IntEnum):
    """How a part stands: fine, older than it should be, or not working."""

    OK = 0
    LATE = 1
    FAILING = 2

    @property
    def lower_name(self) -> str:
        """The status as answers say it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of readiness: its name, its status, the age of what it tells of (None for none), and a sentence.

    The sentence is a detail: it is for people and programs that may read details.
    """

    name: str
    status: Status
    sentence: str
    age: timedelta | None = None


def worst_status(parts: Iterable[Part]) -> Status:
    """Return the worst status among the parts; OK where there are none."""
    return max((part.status for part in parts), default=Status.OK)


def elapsed_since(moment: datetime | None, now: datetime) -> timedelta | None:
    """Return how long ago it was, never negative; None for never."""
    return None if moment is None else max(now - moment, timedelta())


@dataclass(frozen=True, slots=True)
class HealthProbe:
    """What one app contributes to readiness, metrics and the line about stale data.

    `facts_sql` is a scalar expression of JSON about the business core's database: all probes' expressions are read in
    one query, because the line about stale data is on every page. `facts_parameters` are its named parameters; begin
    their names with the app's. `parts`, `stale_data_sentences` and `metrics` get the JSON. `database_metrics` are
    asked of each database by its alias.
    """

    name: str
    order: int
    facts_sql: str
    facts_parameters: Mapping[str, Any]
    parts: Callable[[Any, datetime], Sequence[Part]]
    stale_data_sentences: Callable[[Any, datetime], Sequence[str]]
    metrics: Callable[[Any, datetime], Iterable[Metric]]
    database_metrics: tuple[Callable[[str, datetime], Metric], ...] = ()


HEALTH_PROBES: Final = PanelRegistry[HealthProbe]("health")
