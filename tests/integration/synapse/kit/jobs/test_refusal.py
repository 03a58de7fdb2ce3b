"""What becomes of runs and ticks while PostgreSQL takes no new connections."""

import pytest
from django.db import OperationalError, connections

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.messages import task_options
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick, run_job_by_hand
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)


@pytest.fixture(autouse=True)
def _refuse_new_connections(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every new connection go where no PostgreSQL listens, while the one there is goes on."""
    nowhere = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": "1", "OPTIONS": {}}
    monkeypatch.setitem(connections.settings, BUSINESS_CORE, connections[BUSINESS_CORE].settings_dict | nowhere)


def test_run_by_hand_that_cannot_have_its_lock_leaves_no_run(make_job: Make) -> None:
    make_job()

    with pytest.raises(OperationalError):
        run_job_by_hand("count", requested_by="ann")

    assert not JobRun.objects.exists()


def test_tick_that_cannot_begin_is_delivered_again(make_job: Make) -> None:
    job = make_job()

    with pytest.raises(OperationalError):
        perform_tick("count", "2026-11-23T06:00:00+02:00")

    # What django-q keeps in the queue, and what is freed when it was not begun.
    assert task_options(job)["ack_failure"] is False
    assert JobRun.objects.get().state == JobRun.State.QUEUED
