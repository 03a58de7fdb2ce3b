"""An operator, and jobs for the tests of their pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from synapse.kit.jobs import registry
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work
from tests.people import clerk

Make = Callable[..., Job]


def _nothing(_: Work) -> Result:
    return None


@pytest.fixture
def make_job(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that registers a job for this test only, beside no others."""
    monkeypatch.setattr(registry, "_jobs", {})

    def _make(work: Callable[[Work], Result] = _nothing, *, name: str = "count", **declared: Any) -> Job:
        given: dict[str, Any] = {"title": "Count something", "time_limit": timedelta(minutes=5)} | declared
        return register_job(Job(name=name, work=work, **given))

    return _make


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    """Sign somebody in who may look at the jobs and run them, and nothing else."""
    client.force_login(clerk("view_jobrun", "run_job", name="Ada"))
    return client


@pytest.fixture
def boss(client: Client, db: None) -> Client:
    """Sign somebody in who may do everything."""
    client.force_login(User.objects.create_superuser("Ada"))
    return client
