"""Processes that end with their parent, even where it was killed and could tell nobody.

What lives here: Linux's parent-death signal. What does not: starting and restarting processes (supervisor).
On other systems these are no-ops: there an orphan has to be ended by hand.
"""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded here, not after a fork: a child may not load libraries while another thread of its parent held a lock.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends; call it in the child, right after the fork."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_children_with_this_process() -> None:
    """Have every process forked from now on, and theirs, killed when its parent ends. Started programs are not."""
    os.register_at_fork(after_in_child=end_with_parent)
