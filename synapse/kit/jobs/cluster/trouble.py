"""The troubles (incidents, outages) of a cluster in words: while one lasts, and once it is over.

Pure. Made by cluster_supervisor.py, which writes them into the cluster's row and its notice with cluster_rows.py.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

_STOOD_STILL_WORDS: Final = "stood still, as under SIGSTOP or a debugger"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong with a cluster; empty `words` mean that nothing did.

    `past` describes it once it is over, `title` is its notice's; `restarts` says that the cluster's processes are
    started again because of it.
    """

    words: str = ""
    past: str = ""
    title: str = "Workers down"
    restarts: bool = False


def cluster_ended_trouble(now: datetime) -> Trouble:
    """Return the trouble that the cluster's command is gone."""
    what = "The cluster of workers ended or was killed"
    return Trouble(
        f"{what}. It is started again.", f"{what} at {_format_minute(now)}; it was started again.", restarts=True
    )


def cluster_stuck_trouble(why: str, now: datetime) -> Trouble:
    """Return the trouble that the cluster was killed; `why` is a whole sentence."""
    words = f"{why} The cluster was killed and started again."
    return Trouble(words, f"At {_format_minute(now)}: {words}", restarts=True)


def workers_killed_trouble(
    processes: tuple[int, ...], *, others_live: bool, now: datetime, frozen: Collection[int] = ()
) -> Trouble:
    """Return the trouble that worker processes were killed; those in `frozen` by their supervisor."""
    numbers = ", ".join(map(str, processes))
    is_one = len(processes) == 1
    why = f"{_STOOD_STILL_WORDS}, and " if all(process in frozen for process in processes) else ""
    who = f"The worker process {numbers} {why}was" if is_one else f"The worker processes {numbers} {why}were"
    who = f"{who} killed"
    some = "A worker was killed" if is_one else "Some workers were killed"
    return _process_killed_trouble(who, some if others_live else "Workers down", now)


def describe_frozen_processes(processes: Collection[int]) -> str:
    """Return why a cluster is restarted where more than one worker among others is frozen; a whole sentence."""
    numbers = ", ".join(map(str, sorted(processes)))
    return f"The cluster's process{'' if len(processes) == 1 else 'es'} {numbers} {_STOOD_STILL_WORDS}."


def own_process_killed_trouble(process: int, now: datetime) -> Trouble:
    """Return the trouble that the cluster's pusher or monitor was killed, which are no workers."""
    return _process_killed_trouble(
        f"The cluster's own process {process} was killed", "A process of the workers was killed", now
    )


def _process_killed_trouble(who: str, title: str, now: datetime) -> Trouble:
    asked = "The others are asked whether they still take jobs."
    return Trouble(f"{who}. {asked}", f"{who} at {_format_minute(now)}; the others went on.", title)


def _format_minute(now: datetime) -> str:
    return f"{timezone.localtime(now):%Y-%m-%d %H:%M}"
