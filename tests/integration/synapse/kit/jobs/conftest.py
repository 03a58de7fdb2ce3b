"""Jobs for the tests of what jobs stand on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from synapse.kit.jobs import registry
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

Make = Callable[..., Job]


def _nothing(_: Work) -> Result:
    return None


@pytest.fixture
def make_job(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that registers a job for this test only: make_job(work, attempts=2, cron="…")."""
    monkeypatch.setattr(registry, "_jobs", {})

    def _make(work: Callable[[Work], Result] = _nothing, *, name: str = "count", **declared: Any) -> Job:
        given: dict[str, Any] = {"title": "Count something", "time_limit": timedelta(minutes=5)} | declared
        return register_job(Job(name=name, work=work, **given))

    return _make
