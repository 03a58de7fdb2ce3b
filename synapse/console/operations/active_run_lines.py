"""The lines of active runs: those at work with their progress, and those that wait.

run_queries reads the runs; whether one is alive is told by its advisory lock (synapse.kit.jobs.run_locks).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from synapse.console.operations.run_lines import RunLine, build_run_line
from synapse.console.operations.run_queries import active_runs
from synapse.foundation.text.time_formats import format_duration
from synapse.foundation.text.visible import visible
from synapse.kit.jobs.cluster.requeueing import is_worker_gone
from synapse.kit.jobs.cluster_health import is_any_cluster_up, read_cluster_health
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.run_locks import live_runs

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, by its last report; `left` is how long the rest takes at this pace, empty where unknown."""

    done: int
    total: int
    percent: int
    words: str
    left: str


@dataclass(frozen=True, slots=True)
class ActiveLine:
    """A run that is still to be done; `since` is how long it has been at work.

    `lost` says what comes of a run whose worker is gone, empty where it is not.
    """

    line: RunLine
    is_running: bool
    lost: str
    since: str
    progress: Progress | None


def active_run_lines(now: datetime, *, workers_are_up: bool) -> list[ActiveLine]:
    """Return the active runs, at two queries, and two more for each run whose worker is gone."""
    found = active_runs()
    alive = live_runs([run.pk for run in found if run.state == JobRun.State.RUNNING])
    return [
        _build_active_run_line(run, is_alive=run.pk in alive, workers_are_up=workers_are_up, now=now) for run in found
    ]


def active_run_line(run: JobRun, now: datetime) -> ActiveLine:
    """Return one run that is still to be done."""
    is_alive, workers_are_up = bool(live_runs([run.pk])), is_any_cluster_up(read_cluster_health(now))
    return _build_active_run_line(run, is_alive=is_alive, workers_are_up=workers_are_up, now=now)


def _build_active_run_line(run: JobRun, *, is_alive: bool, workers_are_up: bool, now: datetime) -> ActiveLine:
    is_running = run.state == JobRun.State.RUNNING
    # Judged as the supervisor judges: a lock goes with its connection, which may break while the worker is still busy.
    is_lost = is_running and not is_alive and is_worker_gone(run, now)
    lost = ""
    if is_lost and run.by_hand:
        lost = "It was run by a command, whose process is gone: run it once more."
    elif is_lost:
        when = "by itself, mostly within a minute" if workers_are_up else "as soon as a worker is started"
        lost = f"It is taken up again {when}; nothing it did is done twice."
    return ActiveLine(
        line=build_run_line(run, now),
        is_running=is_running,
        lost=lost,
        since=format_duration(now - run.started_at) if is_running and run.started_at else "",
        progress=_read_progress(run, now) if is_running else None,
    )


def _read_progress(run: JobRun, now: datetime) -> Progress | None:
    """Return the run's last report, None where there is none."""
    # JSON that a job wrote: no value is taken on trust.
    report: Any = run.progress
    if not isinstance(report, dict):
        return None
    done, total = _natural_number(report.get("done")), _natural_number(report.get("total"))
    words = visible(str(report.get("words") or ""))
    if total <= 0:
        return Progress(done, 0, 0, words, "") if words else None
    done, left = min(done, total), ""
    # By the average pace since the start; before the first report of something done there is none.
    if done and run.started_at is not None:
        left = f"about {format_duration((now - run.started_at) * (total - done) / done)} left"
    return Progress(done, total, done * _PERCENT // total, words, left)


def _natural_number(value: object) -> int:
    return max(int(value), 0) if isinstance(value, int | float) else 0
