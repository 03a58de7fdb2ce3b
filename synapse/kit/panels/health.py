"""The parts of readiness: each one's name, how it stands, how old what it tells of is, and a sentence.

What lives here: the words they share. What does not: judging each (core_parts, view_parts).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum


class Status(IntEnum):
    """How a part stands: fine, older than it should be, or not working."""

    OK = 0
    LATE = 1
    FAILING = 2

    @property
    def word(self) -> str:
        """Return it as answers say it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `age` is that of what it tells of, None where it has none; the sentence is for who may read details."""

    name: str
    status: Status
    sentence: str
    age: timedelta | None = None


def worst(parts: Iterable[Part]) -> Status:
    """Return how all of them stand together."""
    return max((part.status for part in parts), default=Status.OK)


def age_of(moment: datetime | None, now: datetime) -> timedelta | None:
    """Return how long ago it was, never negative; None for never."""
    return None if moment is None else max(now - moment, timedelta())
