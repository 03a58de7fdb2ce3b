"""The supervisor of the workers: killed workers, a stuck queue, a clean stop, a killed supervisor."""

import time
from collections.abc import Iterator

import pytest

from tests.faults.jobs.supervised import Ground, kill, temporary_ground

pytestmark = pytest.mark.faults

_SLOW = {"seconds": 600}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with temporary_ground() as made:
        yield made


@pytest.fixture(autouse=True)
def clean(ground: Ground) -> None:
    """Leave no run, message or effect of the test before."""
    ground.rows("TRUNCATE job_run, job_effect, job_worker_cluster, django_q_ormq, notice CASCADE")
    ground.rows("TRUNCATE trial_effect")


def test_an_idle_cluster_that_lost_the_queues_lock_is_restarted_and_takes_jobs_again(ground: Ground) -> None:
    with ground.supervisor():
        first = ground.wait_until_up()
        # One of the idle workers holds the lock of the queue, nobody can tell which.
        for worker in ground.workers():
            kill(worker)
        seen = ground.wait_for(lambda: "killed" in {worker["state"] for worker in ground.cluster()["workers"]})
        (run,) = ground.queue("trial-quick")
        ground.wait_for_state(run, "done")

        after = ground.cluster()
        assert seen < 5
        assert after["id"] == first["id"]
        assert after["restarts"] == 1
        assert "No worker took a message" in after["trouble"]
        ground.wait_for(lambda: not ground.rows("SELECT 1 FROM notice WHERE resolved_at IS NULL"))
        assert [row["kind"] for row in ground.rows("SELECT kind FROM notice")] == ["worker_down"]


def test_a_run_whose_worker_is_killed_goes_on_at_once_and_its_effect_happens_once(ground: Ground) -> None:
    with ground.supervisor():
        ground.wait_until_up()
        (run,) = ground.queue("trial-long", _SLOW)
        struck = ground.wait_for_state(run, "running")
        kill(struck["process_id"])
        ended = ground.wait_for_state(run, "done")

        assert ended["attempts"] == 2
        assert [attempt["error"] for attempt in ended["history"]] == ["Its worker died."]
        assert ground.rows("SELECT job_key FROM trial_effect") == [{"job_key": ended["key"]}]


def test_a_job_that_kills_its_worker_each_time_ends_with_a_person(ground: Ground) -> None:
    with ground.supervisor():
        ground.wait_until_up()
        (run,) = ground.queue("trial-killer")
        ended = ground.wait_for_state(run, "given_up", seconds=120)

    assert ended["attempts"] == 3
    assert "died in each of 3 attempts" in ended["error"]
    assert "job_given_up" in {row["kind"] for row in ground.rows("SELECT kind FROM notice")}


def test_a_stop_cuts_the_run_off_without_an_attempt_and_the_next_start_takes_it_up(ground: Ground) -> None:
    with ground.supervisor() as supervisor:
        ground.wait_until_up()
        (run,) = ground.queue("trial-long", {"seconds": 600, "always": True})
        ground.wait_for_state(run, "running")
        supervisor.terminate()
        assert supervisor.wait(20) == 0
        stopped = ground.cluster()
        cut = ground.run(run)
    left = ground.processes()
    with ground.supervisor():
        again = ground.wait_for_state(run, "running", seconds=30)

    assert stopped["stopped_at"] is not None
    assert left == []
    assert (cut["state"], cut["attempts"]) == ("queued", 0)
    assert again["attempts"] == 1


def test_a_stop_waits_for_a_run_that_ends_in_time(ground: Ground) -> None:
    with ground.supervisor(JOB_STOP_SECONDS="60") as supervisor:
        ground.wait_until_up()
        (run,) = ground.queue("trial-long", {"seconds": 8})
        ground.wait_for_state(run, "running")
        supervisor.terminate()
        assert supervisor.wait(60) == 0

    assert ground.run(run)["state"] == "done"


def test_a_killed_supervisor_leaves_no_process_and_the_next_one_closes_its_row(ground: Ground) -> None:
    with ground.supervisor() as supervisor:
        first = ground.wait_until_up()
        (run,) = ground.queue("trial-long", _SLOW)
        ground.wait_for_state(run, "running")
        kill(supervisor.pid)
        ground.wait_for(lambda: not ground.processes(), seconds=5)
    with ground.supervisor():
        ground.wait_for_state(run, "done")
        (closed,) = ground.rows("SELECT * FROM job_worker_cluster WHERE id = %s", first["id"])

    assert closed["stopped_at"] is not None
    assert "was killed" in closed["trouble"]
    assert len(ground.rows("SELECT 1 FROM trial_effect")) == 1


def test_a_killed_cluster_command_is_started_again_and_its_run_goes_on(ground: Ground) -> None:
    with ground.supervisor():
        row = ground.wait_until_up()
        (run,) = ground.queue("trial-long", _SLOW)
        ground.wait_for_state(run, "running")
        kill(row["cluster_process_id"])
        ground.wait_for_state(run, "done")

        assert ground.cluster()["restarts"] == 1
        assert len(ground.rows("SELECT 1 FROM trial_effect")) == 1


def test_a_killed_postgresql_restarts_no_cluster_and_loses_nothing(ground: Ground) -> None:
    with ground.supervisor():
        ground.wait_until_up()
        (run,) = ground.queue("trial-long", {"seconds": 8, "always": True})
        ground.wait_for_state(run, "running")
        kill(ground.checkout.postmaster())
        # The next one to connect starts it again; this process waits for that.
        ground.wait_for(ground.is_answering)
        ended = ground.wait_for_state(run, "done", seconds=90)
        (after,) = ground.queue("trial-quick")
        ground.wait_for_state(after, "done")

        assert ground.cluster()["restarts"] == 0
        assert ended["attempts"] <= 2
        assert len(ground.rows("SELECT 1 FROM trial_effect WHERE job_key = %s", ended["key"])) == 1


def test_a_stuck_monitor_process_is_noticed(ground: Ground) -> None:
    with ground.supervisor():
        row = ground.wait_until_up()
        # Only one that waits for work holds the lock.
        ground.wait_for(lambda: not ground.rows("SELECT 1 FROM django_q_ormq"))
        time.sleep(1)
        for process in ground.auxiliaries(row["cluster_process_id"]):
            kill(process)
        ground.wait_for(lambda: ground.cluster()["restarts"] == 1)
        ground.wait_for(lambda: ground.cluster()["answered_at"] is not None)
        runs = ground.queue("trial-quick", {"mark": "a"}, {"mark": "b"}, {"mark": "c"})
        for run in runs:
            ground.wait_for_state(run, "done")
        ground.wait_for(lambda: not ground.rows("SELECT 1 FROM django_q_ormq WHERE key = 'synapse'"))


def test_two_clusters_side_by_side_do_each_run_once_and_survive_the_death_of_one(ground: Ground) -> None:
    with ground.supervisor() as first, ground.supervisor():
        ground.wait_for(lambda: len(ground.answering()) == 2)
        runs = ground.queue("trial-long", *({"seconds": 1, "mark": str(number)} for number in range(12)))
        ground.wait_for(lambda: len(ground.rows("SELECT 1 FROM trial_effect")) > 2)
        kill(first.pid)
        for run in runs:
            ground.wait_for_state(run, "done")
        # Longer than heartbeat and grace: neither took the other's beats.
        time.sleep(10)
        (left,) = ground.answering()

        assert left["restarts"] == 0
        assert ground.rows("SELECT job_key FROM trial_effect GROUP BY job_key HAVING count(*) > 1") == []
        assert len(ground.rows("SELECT 1 FROM trial_effect")) == 12
