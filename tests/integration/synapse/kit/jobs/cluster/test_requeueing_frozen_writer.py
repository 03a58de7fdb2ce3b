"""A worker that froze while it wrote its run's row holds up no supervisor: the row is passed over, and found later."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.cluster.requeueing import requeue_dead_runs, requeue_forgotten_runs
from synapse.kit.jobs.models import JobRun
from tests.integration.synapse.kit.jobs.cluster.rows import dead_process, make_run
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)


@contextmanager
def _being_written(run: JobRun) -> Iterator[None]:
    """Hold the run's row as one who is between its UPDATE and its COMMIT; who waits for it fails soon."""
    other = connections.create_connection(BUSINESS_CORE)
    with connections[BUSINESS_CORE].cursor() as own, other.cursor() as cursor:
        own.execute("SET lock_timeout = '2s'")
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM job_run WHERE id = %s FOR UPDATE", [run.pk])
        yield
        cursor.execute("ROLLBACK")
        own.execute("RESET lock_timeout")
    other.close()


def test_run_of_a_dead_worker_whose_row_is_being_written_is_queued_later(make_job: Make) -> None:
    run = make_run(make_job(), process_id=dead_process())

    with _being_written(run):
        assert requeue_dead_runs(timezone.now()) == []

    assert requeue_dead_runs(timezone.now()) == [run.pk]


def test_forgotten_run_whose_row_is_being_written_is_sent_later(make_job: Make) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    run = make_run(make_job(), state=JobRun.State.QUEUED, attempts=0, queued_at=long_ago)

    with _being_written(run):
        assert requeue_forgotten_runs(timezone.now()) == []

    assert requeue_forgotten_runs(timezone.now()) == [run.pk]
