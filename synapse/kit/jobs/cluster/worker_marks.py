"""Worker marks: a small file per worker process that says that it lives, and what task it is at.

Written by the worker, through django-q's signals, and read by its supervisor (processes.py). Files, not rows: the
supervisor tells a busy worker from a dead one also while PostgreSQL is away. A mark without its process means that the
worker was killed.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, Final

from django_q.signals import post_execute_in_worker, post_spawn, pre_execute

CLUSTER_ID: Final = "SYNAPSE_CLUSTER_ID"
"""The environment variable with the cluster's id, inherited by all its processes and what they start."""
MARKS_FOLDER: Final = "SYNAPSE_CLUSTER_MARKS"


@dataclass(frozen=True, slots=True)
class Mark:
    """A worker process and the task it is busy with; an idle one's is empty."""

    process_id: int
    doing: str


def connect_worker_marks() -> None:
    """Have the workers forked from now on leave marks, where a supervisor asked for them."""
    if not os.environ.get(MARKS_FOLDER):
        return
    post_spawn.connect(_mark_spawned, dispatch_uid="synapse marks")
    pre_execute.connect(_mark_task_begun, dispatch_uid="synapse marks")
    post_execute_in_worker.connect(_mark_task_ended, dispatch_uid="synapse marks")


def read_marks(folder: Path) -> dict[int, Mark]:
    """Return the marks by process id; a worker that ended properly has removed its own."""
    marks = {}
    for path in folder.glob("[0-9]*"):
        # A worker that ends meanwhile removes its mark.
        with suppress(FileNotFoundError, json.JSONDecodeError):
            marks[int(path.name)] = Mark(int(path.name), doing=json.loads(path.read_text()))
    return marks


def has_mark(folder: Path, process_id: int) -> bool:
    """Say whether the process has a mark still."""
    return (folder / str(process_id)).exists()


def remove_mark(folder: Path, process_id: int) -> None:
    """Remove the mark of a process that was killed."""
    (folder / str(process_id)).unlink(missing_ok=True)


def remove_marks(folder: Path) -> None:
    """Remove the whole folder."""
    shutil.rmtree(folder, ignore_errors=True)


def _mark_spawned(**_: object) -> None:
    _write_mark("")
    # multiprocessing ends its processes past atexit; a fork of the worker does not inherit this.
    Finalize(None, _erase_mark, exitpriority=0)


def _mark_task_begun(*, task: Mapping[str, Any], **_: object) -> None:
    _write_mark(str(task.get("name") or "a task"))


def _mark_task_ended(**_: object) -> None:
    _write_mark("")


def _write_mark(doing: str) -> None:
    path = Path(os.environ[MARKS_FOLDER]) / str(os.getpid())
    partial = path.with_name(f"new-{path.name}")
    # A full disk must not end a worker: django-q sends the signal outside of its try.
    with suppress(OSError):
        # Renamed into place: the supervisor never reads half a mark.
        partial.write_text(json.dumps(doing))
        partial.replace(path)


def _erase_mark() -> None:
    with suppress(OSError):
        remove_mark(Path(os.environ[MARKS_FOLDER]), os.getpid())
