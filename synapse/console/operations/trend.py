"""How long the last runs of a job took, as a small drawing with its words.

What lives here: measuring bars, and saying what they show. What does not: reading runs, the drawing's markup
(templates/synapse/console/operations/trend.html).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from synapse.foundation.text.time_words import took_words
from synapse.kit.jobs.models import JobRun

HEIGHT: Final = 28
_STEP: Final = 6
_LEAST: Final = 2.0
"""A bar that short is still seen."""
_SLOW: Final = 2.0
"""So many times the usual is slow."""
_ENOUGH: Final = 3
"""Of fewer runs none is usual."""
_NOTICEABLE: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class TrendBar:
    """One run: where its bar stands, how high it is, whether it failed."""

    x: int
    y: float
    height: float
    failed: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """The last runs from left to right, and in words; `warning` says that the last one was slow, if it was.

    `usual` is how long those took that went well, empty where none did.
    """

    bars: tuple[TrendBar, ...]
    width: int
    words: str
    usual: str
    warning: str


def trend_of(runs: Sequence[JobRun]) -> Trend | None:
    """Return the trend of the runs that took place, given the newest first; None where there is none."""
    took = [(_took(run), run.state != JobRun.State.DONE) for run in reversed(runs) if _took(run) is not None]
    lasted = [(one.total_seconds(), failed) for one, failed in took if one is not None]
    if not lasted:
        return None
    longest = max(seconds for seconds, _ in lasted) or 1.0
    bars = tuple(_bar(place, seconds / longest, failed=failed) for place, (seconds, failed) in enumerate(lasted))
    # One that failed at once, or only at its time limit, says nothing of how long the work takes.
    well = [seconds for seconds, failed in lasted if not failed]
    usual = timedelta(seconds=median(well)) if well else None
    return Trend(
        bars,
        len(bars) * _STEP,
        _words(lasted, usual),
        took_words(usual) if usual is not None else "",
        _warning(lasted, usual),
    )


def _took(run: JobRun) -> timedelta | None:
    ended = run.state in {JobRun.State.DONE, JobRun.State.GIVEN_UP, JobRun.State.SETTLED}
    return run.finished_at - run.started_at if ended and run.finished_at and run.started_at else None


def _bar(place: int, share: float, *, failed: bool) -> TrendBar:
    height = round(max(share * HEIGHT, _LEAST), 1)
    return TrendBar(x=place * _STEP, y=round(HEIGHT - height, 1), height=height, failed=failed)


def _words(lasted: Sequence[tuple[float, bool]], usual: timedelta | None) -> str:
    failed = sum(one for _, one in lasted)
    seconds = [one for one, _ in lasted]
    if len(lasted) == 1:
        return f"Its only run took {took_words(timedelta(seconds=seconds[0]))}{' and failed' if failed else ''}."
    span = f"{took_words(timedelta(seconds=min(seconds)))} to {took_words(timedelta(seconds=max(seconds)))}"
    failures = f"{failed} of them failed" if failed else "none of them failed"
    usually = f", usually {took_words(usual)}" if usual is not None else ""
    return f"The last {len(lasted)} runs took {span}{usually}; {failures}."


def _warning(lasted: Sequence[tuple[float, bool]], usual: timedelta | None) -> str:
    seconds, failed = lasted[-1]
    if failed or usual is None:
        return ""
    last = timedelta(seconds=seconds)
    is_slow = sum(not one for _, one in lasted) >= _ENOUGH and last > usual * _SLOW and last - usual > _NOTICEABLE
    return f"The last one took {took_words(last)}, longer than usual." if is_slow else ""
