"""How long the last runs of a job took, as a small bar chart with its words (operations/trend.html draws it)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from synapse.foundation.text.time_formats import format_duration
from synapse.kit.jobs.models import JobRun

HEIGHT: Final = 28
_STEP: Final = 6
_MIN_HEIGHT: Final = 2.0
"""The shortest bar that can still be seen."""
_SLOW_FACTOR: Final = 2.0
"""A run that took so many times the median is slow …"""
_MIN_RUNS: Final = 3
"""… where at least so many runs went well …"""
_MIN_DELAY: Final = timedelta(seconds=2)
"""… and it took so much longer that a person would notice."""


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


def duration_trend(runs: Sequence[JobRun]) -> Trend | None:
    """Return the trend of the runs that took place, given the newest first; None where there is none."""
    took = [(_run_duration(run), run.state != JobRun.State.DONE) for run in reversed(runs)]
    lasted = [(one.total_seconds(), failed) for one, failed in took if one is not None]
    if not lasted:
        return None
    longest = max(seconds for seconds, _ in lasted) or 1.0
    heights = [round(max(seconds / longest * HEIGHT, _MIN_HEIGHT), 1) for seconds, _ in lasted]
    bars = tuple(
        TrendBar(x=place * _STEP, y=round(HEIGHT - height, 1), height=height, failed=failed)
        for place, (height, (_, failed)) in enumerate(zip(heights, lasted, strict=True))
    )
    # One that failed at once, or only at its time limit, says nothing of how long the work takes.
    well = [seconds for seconds, failed in lasted if not failed]
    usual = timedelta(seconds=median(well)) if well else None
    return Trend(
        bars,
        len(bars) * _STEP,
        _describe_trend(lasted, usual),
        format_duration(usual) if usual is not None else "",
        _slow_warning(lasted, usual),
    )


def _run_duration(run: JobRun) -> timedelta | None:
    """Return how long the run took, None where it took place not at all or is not over."""
    ended = run.state in {JobRun.State.DONE, JobRun.State.GIVEN_UP, JobRun.State.SETTLED}
    return run.finished_at - run.started_at if ended and run.finished_at and run.started_at else None


def _describe_trend(lasted: Sequence[tuple[float, bool]], usual: timedelta | None) -> str:
    failed = sum(one for _, one in lasted)
    seconds = [one for one, _ in lasted]
    if len(lasted) == 1:
        return f"Its only run took {format_duration(timedelta(seconds=seconds[0]))}{' and failed' if failed else ''}."
    span = f"{format_duration(timedelta(seconds=min(seconds)))} to {format_duration(timedelta(seconds=max(seconds)))}"
    failures = f"{failed} of them failed" if failed else "none of them failed"
    usually = f", usually {format_duration(usual)}" if usual is not None else ""
    return f"The last {len(lasted)} runs took {span}{usually}; {failures}."


def _slow_warning(lasted: Sequence[tuple[float, bool]], usual: timedelta | None) -> str:
    seconds, failed = lasted[-1]
    if failed or usual is None:
        return ""
    last = timedelta(seconds=seconds)
    is_slow = (
        sum(not one for _, one in lasted) >= _MIN_RUNS and last > usual * _SLOW_FACTOR and last - usual > _MIN_DELAY
    )
    return f"The last one took {format_duration(last)}, longer than usual." if is_slow else ""
