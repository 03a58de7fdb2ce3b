"""Readiness: whether every database, the queue and the workers work, and how old the data is that pages show.

All databases are asked at once, within three seconds, and the answer is kept for two. Single parts are judged by
business_core_parts, materialized_view_parts and the apps' probes.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from synapse.console.health.business_core_parts import business_core_parts
from synapse.console.health.deadline_queries import Answer, query_each_database
from synapse.console.health.materialized_view_parts import materialized_view_parts
from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.panels.health import Part, Status, worst_status

TIMEOUT_SECONDS: Final = 2.5
_KEPT_SECONDS: Final = 2.0
"""The address is open to everybody: however often it is asked, a process asks each database once in so long."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """All parts at a moment."""

    parts: tuple[Part, ...]

    @property
    def overall_status(self) -> Status:
        """The worst status of all parts."""
        return worst_status(self.parts)

    def narrowed_to(self, names: set[str]) -> "Readiness":
        """Return the parts of these names, or whose name's first word is among them."""
        return Readiness(tuple(part for part in self.parts if {part.name, part.name.split()[0]} & names))


def read_readiness(now: datetime) -> Readiness:
    """Ask all databases at once; takes three seconds at most, also where one hangs."""
    answers = query_each_database(
        {alias: partial(_read_database_parts, alias, now) for alias in ALIASES}, seconds=TIMEOUT_SECONDS
    )
    return Readiness(tuple(part for alias in ALIASES for part in _database_answer_parts(alias, answers[alias])))


def _read_database_parts(alias: str, now: datetime) -> list[Part]:
    core = business_core_parts(now) if alias == BUSINESS_CORE else []
    return [*core, *materialized_view_parts(alias, now)]


def _database_answer_parts(alias: str, answer: Answer[list[Part]]) -> list[Part]:
    """Return the part of the database itself and those it answered; failing ones where it did not answer."""
    name = f"database {alias}"
    if answer.value is not None:
        return [Part(name, Status.OK, "It answers."), *answer.value]
    failing = [Part(name, Status.FAILING, answer.error)]
    if alias == BUSINESS_CORE:
        failing += [Part(part, Status.FAILING, "Its database does not answer.") for part in ("broker", "worker")]
    return failing


class ReadinessCache:
    """The last readiness, read anew when two seconds old; of several threads one reads, the others wait for it."""

    def __init__(self, ask: Callable[[datetime], Readiness]) -> None:
        self._ask = ask
        self._asking = threading.Lock()
        self._known: tuple[float, Readiness] | None = None

    def current_readiness(self, now: datetime) -> Readiness:
        """Return the readiness as of now, or of two seconds ago."""
        # Under the lock also while asking: of many probes at once only one reaches the databases.
        with self._asking:
            if self._known is None or time.monotonic() - self._known[0] > _KEPT_SECONDS:
                found = self._ask(now)
                self._known = (time.monotonic(), found)
            return self._known[1]

    def invalidate(self) -> None:
        """Have it read anew the next time."""
        self._known = None


readiness_cache: Final = ReadinessCache(read_readiness)
