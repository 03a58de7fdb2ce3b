"""Each worker process says what it does; one that was killed leaves its word behind."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from django_q.signals import post_execute_in_worker, post_spawn, pre_execute

from synapse.kit.jobs.cluster.worker_marks import MARKS_FOLDER, Mark, connect_worker_marks, read_marks, remove_mark


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "marks"
    folder.mkdir()
    monkeypatch.setenv(MARKS_FOLDER, str(folder))
    return folder


def _worker(work: Callable[[], None]) -> int:
    """Run it as a worker process and return its process id."""

    def _live() -> None:
        connect_worker_marks()
        post_spawn.send(sender="django_q", proc_name="a worker")
        work()

    process = multiprocessing.get_context("fork").Process(target=_live)
    process.start()
    process.join()
    assert process.pid is not None
    return process.pid


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _begin_and_die() -> None:
    pre_execute.send(sender="django_q", func=None, task={"name": "import primary"})
    _die()


def _end_and_die() -> None:
    pre_execute.send(sender="django_q", func=None, task={"name": "import primary"})
    post_execute_in_worker.send(sender="django_q", func=None, task={})
    _die()


def test_killed_worker_leaves_what_it_was_doing(folder: Path) -> None:
    idle, busy, done = _worker(_die), _worker(_begin_and_die), _worker(_end_and_die)

    assert read_marks(folder) == {
        idle: Mark(idle, ""),
        busy: Mark(busy, "import primary"),
        done: Mark(done, ""),
    }


def test_worker_that_ends_takes_its_mark_with_it(folder: Path) -> None:
    _worker(lambda: None)

    assert list(folder.iterdir()) == []


def test_process_forked_by_a_worker_leaves_the_workers_mark(folder: Path) -> None:
    def _fork_and_die() -> None:
        child = multiprocessing.get_context("fork").Process(target=int)
        child.start()
        child.join()
        _die()

    worker = _worker(_fork_and_die)

    assert list(read_marks(folder)) == [worker]


def test_worker_that_can_write_no_mark_works_on(folder: Path) -> None:
    def _work_without_the_folder() -> None:
        shutil.rmtree(folder)
        pre_execute.send(sender="django_q", func=None, task={"name": "import primary"})
        post_execute_in_worker.send(sender="django_q", func=None, task={})
        (folder.parent / "worked").touch()

    _worker(_work_without_the_folder)

    assert (folder.parent / "worked").exists()


def test_forgotten_mark_may_be_gone_already(folder: Path) -> None:
    worker = _worker(_die)

    remove_mark(folder, worker)
    remove_mark(folder, worker)

    assert read_marks(folder) == {}
