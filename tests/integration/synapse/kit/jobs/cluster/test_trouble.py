"""What a supervisor tells of killed workers: as it is, and once the others have answered, as it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster.cluster_supervisor import ClusterSupervisor, SupervisionPolicy
from synapse.kit.jobs.cluster.processes import Change
from synapse.kit.jobs.cluster.trouble import own_process_killed_trouble, workers_killed_trouble
from synapse.kit.jobs.models import WorkerCluster
from synapse.kit.notices.models import Notice
from tests.integration.synapse.kit.jobs.cluster.rows import make_cluster

pytestmark = pytest.mark.django_db(databases=ALIASES)

_NOW = datetime(2026, 11, 23, 6, 40, tzinfo=UTC)  # 08:40 in Bucharest


@pytest.fixture
def supervisor(tmp_path: Path) -> ClusterSupervisor:
    policy = SupervisionPolicy(
        workers=2, heartbeat=timedelta(seconds=30), grace=timedelta(seconds=20), stop_seconds=1.0
    )
    return ClusterSupervisor(policy, folder=tmp_path, marks=tmp_path / "marks", say=lambda _: None)


def test_killed_worker_is_told_as_it_is_and_then_as_it_was(supervisor: ClusterSupervisor) -> None:
    supervisor._note_process_change(Change(killed=(5,)), _NOW)
    supervisor._report_trouble(_NOW)
    assert "The others are asked" in WorkerCluster.objects.get().trouble
    assert Notice.objects.get().resolved_at is None

    supervisor._close_trouble(_NOW)

    assert (
        WorkerCluster.objects.get().trouble
        == "The worker process 5 was killed at 2026-11-23 08:40; the others went on."
    )
    assert Notice.objects.get().resolved_at is not None


def test_command_that_ended_is_told_as_it_was(supervisor: ClusterSupervisor) -> None:
    supervisor._note_process_change(Change(ended=True), _NOW)
    supervisor._report_trouble(_NOW)
    assert Notice.objects.get().title.startswith("Workers down on ")

    supervisor._close_trouble(_NOW)

    row = WorkerCluster.objects.get()
    assert row.restarts == 1
    assert row.trouble == "The cluster of workers ended or was killed at 2026-11-23 08:40; it was started again."


@pytest.mark.parametrize(
    ("processes", "others_live", "title"),
    [
        ((5,), True, "A worker was killed"),
        ((5, 6), True, "Some workers were killed"),
        ((5,), False, "Workers down"),
    ],
)
def test_workers_are_called_down_only_where_none_lives(
    processes: tuple[int, ...], title: str, *, others_live: bool
) -> None:
    assert workers_killed_trouble(processes, others_live=others_live, now=_NOW).title == title


def test_worker_that_stood_still_is_told_to_have_done_so() -> None:
    told = workers_killed_trouble((5,), others_live=True, now=_NOW, frozen={5})

    assert told.words.startswith("The worker process 5 stood still, as under SIGSTOP or a debugger, and was killed.")
    assert "stood still" not in workers_killed_trouble((5, 6), others_live=True, now=_NOW, frozen={5}).words


def test_notice_of_a_silent_supervisor_stays_when_the_own_workers_answer(supervisor: ClusterSupervisor) -> None:
    now = timezone.now()
    lost = make_cluster(host="elsewhere", seen_at=now - timedelta(minutes=2))
    supervisor._take_over_dead_peers(now)
    notice = Notice.objects.filter(key=str(lost.pk))

    supervisor._close_trouble(now)
    assert notice.get().resolved_at is None

    WorkerCluster.objects.filter(pk=lost.pk).update(seen_at=now)
    supervisor._take_over_dead_peers(now)
    assert notice.get().resolved_at is not None


def test_process_that_is_no_worker_is_not_called_one() -> None:
    assert own_process_killed_trouble(7, _NOW).title == "A process of the workers was killed"
