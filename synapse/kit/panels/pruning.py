"""What the nightly job `prune` removes (synapse.console.jobs.prune): each app registers the steps for its own kinds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from synapse.kit.panels.registry import PanelRegistry


class PruneStepFailedError(Exception):
    """A step could not remove what is old, said in a sentence; the job goes on with the next step and then fails."""


@dataclass(frozen=True, slots=True)
class Removed:
    """How many of a kind were removed, and how many bytes of files that freed; `skipped` says what was kept and why."""

    kind: str
    count: int = 0
    freed_bytes: int = 0
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class PruneStep:
    """One step; `words` say what it removes. Each step is complete in itself and idempotent: it may come again."""

    words: str
    run: Callable[[datetime], Removed]


@dataclass(frozen=True, slots=True)
class PruneSteps:
    """The steps for the kinds of one owner, made when the job starts."""

    name: str
    order: int
    steps: Callable[[], Iterable[PruneStep]]


PRUNE_STEPS: Final = PanelRegistry[PruneSteps]("prune")
