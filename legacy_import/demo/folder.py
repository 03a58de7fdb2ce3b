"""A folder that appears atomically, whole or not at all: built beside the target, then renamed.

Folders that killed runs left are removed by the next run. Called by `write`.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class DemoRefusedError(Exception):
    """The demonstration files were not written; the message is one sentence for the operator."""


@contextmanager
def open_atomic_folder(directory: Path) -> Iterator[Path]:
    """Give a sibling folder to build in, and rename it to the directory when all went well.

    Raises DemoRefusedError where the directory is a file, or holds anything, before or by the end.
    """
    target = directory.resolve()
    require_empty_folder(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    # What runs left behind that were killed goes; a run that is still alive keeps its own.
    pattern = re.compile(rf"\.{re.escape(target.name)}\.demo_legacy-partial-(\d+)")
    for candidate in target.parent.iterdir():
        match = pattern.fullmatch(candidate.name)
        if match and not _is_process_alive(int(match[1])):
            shutil.rmtree(candidate, ignore_errors=True)
    partial = target.with_name(f".{target.name}.demo_legacy-partial-{os.getpid()}")
    partial.mkdir()
    try:
        yield partial
        if target.is_dir():
            shutil.copymode(target, partial)
        try:
            partial.rename(target)
        except OSError as error:
            raise DemoRefusedError(f"{target} could not be put in place: {error.strerror}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def require_empty_folder(directory: Path) -> None:
    """Raise DemoRefusedError unless the directory is empty or not there."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise DemoRefusedError(f"{directory} is not a folder.")
    if any(directory.iterdir()):
        raise DemoRefusedError(f"{directory} already holds files: choose an empty or a new folder.")


def _is_process_alive(pid: int) -> bool:
    if pid == os.getpid():
        return False
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
    return True
