"""A second look at a file that is missing or unsound: it may have been caught in the moment of being replaced.

Scripts replace a file by removing and writing it, or by copying another one over it; in between it is missing, empty or
cut. Called by snapshot.py.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from legacy_import.pipeline.snapshot.live_file import Signature, UnsoundFileError, read_signature

T = TypeVar("T")

quiet_seconds = 2.0
"""What was written or removed less than this ago may still be in the making."""
pause_seconds = 0.1
"""Between two looks."""


def retry_while_replaced(live: Path, read: Callable[[], T], *, timeout_seconds: float) -> T:
    """Return what `read` returns; where the file is unsound, read again as long as it seems to be replaced.

    It is read twice at least. Raises UnsoundFileError, as `read` does, once the file has not changed from one look to
    the next and nothing was written for a while, or after timeout_seconds.
    """
    real = Path(os.path.realpath(live))
    deadline = time.monotonic() + timeout_seconds
    quiet_from = time.monotonic() + quiet_seconds
    looks: list[Signature] = []
    while True:
        looks.append(read_signature(real))
        try:
            return read()
        except UnsoundFileError:
            is_unchanged = looks[-1] == read_signature(real) and looks[-2:-1] == looks[-1:]
            now = time.monotonic()
            if now >= deadline or (is_unchanged and (now >= quiet_from or not _was_just_written(real))):
                raise
            if not is_unchanged:
                quiet_from = now + quiet_seconds
        time.sleep(pause_seconds)


def _was_just_written(path: Path) -> bool:
    """Say whether the file or its folder was changed within the last seconds, by the clock of their disk or ours."""
    for one in (path, path.parent):
        try:
            status = one.stat()
        except OSError:
            continue
        if any(abs(time.time() - at) < quiet_seconds for at in (status.st_mtime, status.st_ctime)):
            return True
    return False
