"""A run as the pages show it: its state, when it was, how long it took, the sentence it ended with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from synapse.foundation.text.time_formats import format_age, format_day_and_time, format_duration, format_time_until
from synapse.foundation.text.visible import visible
from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.registry import get_job

_State = JobRun.State

_SIGNS: Final = {
    _State.QUEUED: ("waits", "○"),
    _State.RUNNING: ("busy", "▸"),
    _State.RETRYING: ("warn", "↻"),
    _State.DONE: ("good", "✓"),
    _State.SKIPPED: ("waits", "»"),
    _State.GIVEN_UP: ("bad", "✕"),
    _State.SETTLED: ("waits", "✕"),
}
"""How each state is drawn: the tone of its colour, and a sign that says the same without it."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as the pages show it; every text of it can be shown.

    `when` is of its end, else of its beginning, else of its asking; `took` is empty as long as it has not ended.
    """

    run: JobRun
    title: str
    page: str
    tone: str
    sign: str
    state: str
    when: str
    age: str
    took: str
    said: str
    asked_by: str
    arguments: str

    @property
    def pk(self) -> UUID:
        """The run's key."""
        return self.run.pk

    @property
    def traceback(self) -> str:
        """The traceback as it can be shown; one query more where the run was read without its long columns."""
        return visible(self.run.traceback)

    @property
    def settled_by(self) -> str:
        """Who put it aside."""
        return visible(self.run.settled_by) or "nobody named"

    @property
    def can_be_retried(self) -> bool:
        """Whether a person may queue it once more."""
        return self.run.state in {_State.GIVEN_UP, _State.SETTLED}

    @property
    def can_be_dismissed(self) -> bool:
        """Whether a person may put it aside."""
        return self.run.state == _State.GIVEN_UP

    @property
    def can_be_reopened(self) -> bool:
        """Whether a person put it aside and may take that back; a run by a command was ended by its own person."""
        return self.run.state == _State.SETTLED and not self.run.by_hand


def build_run_line(run: JobRun, now: datetime) -> RunLine:
    """Return the run in words."""
    state = _State(run.state)
    tone, sign = _SIGNS[state]
    moment = run.finished_at or run.started_at or run.queued_at
    # A flag is said by its name alone, any other option with its value.
    arguments = [
        name.replace("_", " ") if value is True else f"{name.replace('_', ' ')}: {value}"
        for name, value in sorted(run.arguments.items())
    ]
    state_words = str(state.label)
    if state == _State.RETRYING and run.due_at:
        state_words = f"failed, tried again {format_time_until(run.due_at, now)}"
    return RunLine(
        run=run,
        title=job_title(run.job),
        page=reverse("operations:run", args=[run.pk]),
        tone=tone,
        sign=sign,
        state=state_words,
        when=format_day_and_time(moment, now),
        age=format_age(moment, now),
        took=format_duration(run.finished_at - run.started_at) if run.finished_at and run.started_at else "",
        said=visible(run_outcome_sentence(run)),
        asked_by=visible(run.requested_by) or "nobody named",
        arguments=visible(", ".join(arguments)),
    )


def job_title(name: str) -> str:
    """Return a job's title; its name where no such job is registered any more."""
    try:
        return get_job(name).title
    except UnknownJobError:
        return visible(name)


def run_outcome_sentence(run: JobRun) -> str:
    """Return the sentence a run ended with: what went wrong, else the summary of its result."""
    if run.error and run.state != _State.DONE:
        return run.error
    result: Any = run.result
    summary = result.get("summary", "") if isinstance(result, dict) else ""
    return str(summary)
