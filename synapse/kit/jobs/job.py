"""A job as it is declared: its name, its work, when it runs and how long it may take.

Declared in each app's module `jobs` and registered with registry.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from synapse.kit.jobs.work import Work

Result: TypeAlias = Mapping[str, Any] | None
"""What a job returns, as JSON; its `summary` is a plain sentence for people."""

_ONE_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Option:
    """An argument that a person may give when running a job by hand; without choices it is a flag."""

    name: str
    help: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that runs by the clock or on demand.

    `work` must be idempotent, because delivery is at least once: what it changes goes through Work.idempotent_step.
    `cron` is in settings.TIME_ZONE; empty means on demand only. A failed attempt is tried again after `retry_after`,
    then twice that, and so on (exponential back-off), until `attempts` are used up. `formerly` are dotted names of
    functions whose schedules this job takes over.
    """

    name: str
    title: str
    work: "Callable[[Work], Result]"
    time_limit: timedelta
    cron: str = ""
    attempts: int = 3
    retry_after: timedelta = _ONE_MINUTE
    options: tuple[Option, ...] = ()
    formerly: tuple[str, ...] = ()
