"""Whether this site can do its work: every database, the queue, the workers, and how old what it shows is.

What lives here: asking all, within three seconds, and remembering the answer for two. What does not: judging single
parts (core_parts, view_parts) and the answer's shape (views).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from synapse.console.health.core_parts import core_parts
from synapse.console.health.patience import Answer, ask_each
from synapse.console.health.view_parts import view_parts
from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.panels.health import Part, Status, worst

PATIENCE_SECONDS: Final = 2.5
_REMEMBERED_SECONDS: Final = 2.0
"""Anybody may ask: however often, each database is asked at most this often by each process."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """All parts at a moment."""

    parts: tuple[Part, ...]

    @property
    def status(self) -> Status:
        """Return how the site stands."""
        return worst(self.parts)

    def of(self, names: set[str]) -> "Readiness":
        """Return the parts of these names, or whose name's first word is among them."""
        return Readiness(tuple(part for part in self.parts if {part.name, part.name.split()[0]} & names))


def readiness(now: datetime) -> Readiness:
    """Ask everything; takes three seconds at most, also where a database hangs."""
    answers = ask_each({alias: partial(_parts_of, alias, now) for alias in ALIASES}, seconds=PATIENCE_SECONDS)
    return Readiness(tuple(part for alias in ALIASES for part in _told(alias, answers[alias])))


def _parts_of(alias: str, now: datetime) -> list[Part]:
    core = core_parts(now) if alias == BUSINESS_CORE else []
    return [*core, *view_parts(alias, now)]


def _told(alias: str, answer: Answer[list[Part]]) -> list[Part]:
    name = f"database {alias}"
    if answer.value is not None:
        return [Part(name, Status.OK, "It answers."), *answer.value]
    silent = [Part(name, Status.FAILING, answer.error)]
    if alias == BUSINESS_CORE:
        silent += [Part(part, Status.FAILING, "Its database does not answer.") for part in ("broker", "worker")]
    return silent


class Remembered:
    """The last readiness, asked anew when it is two seconds old; of several who want it one asks, the others wait."""

    def __init__(self, ask: Callable[[datetime], Readiness]) -> None:
        self._ask = ask
        self._asking = threading.Lock()
        self._known: tuple[float, Readiness] | None = None

    def get(self, now: datetime) -> Readiness:
        """Return the readiness as of now, or of two seconds ago."""
        with self._asking:
            if self._known is None or time.monotonic() - self._known[0] > _REMEMBERED_SECONDS:
                found = self._ask(now)
                self._known = (time.monotonic(), found)
            return self._known[1]

    def forget(self) -> None:
        """Ask anew the next time."""
        self._known = None


remembered: Final = Remembered(readiness)
