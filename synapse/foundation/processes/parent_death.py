"""No orphan processes: the kernel kills a process when its parent ends (PR_SET_PDEATHSIG), even if that was killed.

Linux only; on other systems these are no-ops, and an orphan is ended by the next supervisor, or by hand.
"""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded here, not after a fork: a child may not load libraries while another thread of its parent held a lock.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

_forking = 0


def end_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when its parent ends; call it in the child, right after the fork.

    Where `parent` is given and has ended before the kernel could be asked, this process is killed at once.
    """
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The signal comes for a death after this call only; an orphan has another parent by now.
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def end_children_with_this_process() -> None:
    """Have every process forked from now on, and theirs, killed when its parent ends. Started programs are not."""
    os.register_at_fork(before=_remember_parent, after_in_child=_end_with_forking_parent)


def _remember_parent() -> None:
    global _forking  # noqa: PLW0603  # the child has no other way to know its parent
    _forking = os.getpid()


def _end_with_forking_parent() -> None:
    end_with_parent(_forking)
