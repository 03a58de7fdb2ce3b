"""kill -9 of a piece of work at each line of ours that it reaches, in a forked process with connections of its own."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


def killed_at_each_line(action: Callable[[], object], *, files: tuple[str, ...], every: int = 1) -> Iterator[int]:
    """Perform the action again and again, each time killed at the next line of the files; yield the line's number.

    `files` are ends of paths. The caller looks at what is left between two kills, and brings all back to its beginning.
    It ends with the action that is killed nowhere: that one is done when the iterator is exhausted.
    """
    line = 1
    while _is_killed(action, line, files):
        yield line
        line += every
    assert line > every, "no line of the files was reached"


def _is_killed(action: Callable[[], object], line: int, files: tuple[str, ...]) -> bool:
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the action failed by itself"
        return os.WIFSIGNALED(status)
    reached: set[tuple[str, int]] = set()

    def trace(frame: FrameType, _event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.endswith(files):
            return None
        reached.add((name, frame.f_lineno))
        if len(reached) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    code = 1
    try:
        sys.settrace(trace)
        action()
        code = 0
    finally:
        os._exit(code)
