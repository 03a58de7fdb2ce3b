"""Reading a rollback-journal file whole into memory under short SHARED locks, so that its writers hardly wait.

The lock is taken and released by online_backup.py. Under it there is one copy, from the page cache into memory that was
allocated before, by as many threads as there are processors. What one hold did not read, the next one reads, where no
commit came between them: in rollback mode every commit changes the counter in the header.
"""

import mmap
import os
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Final, Self

from legacy_import.pipeline.snapshot.live_file import FileChangedError

_CHUNK_BYTES: Final = 512 * 1024
_HEADER_BYTES: Final = 100
_MAX_THREADS: Final = 4
_SPARE_PART: Final = 16
"""Memory for a sixteenth more than the file: writers add pages between measuring it and taking the lock."""
_POPULATE: Final = getattr(mmap, "MAP_POPULATE", 0)
"""Linux allocates the memory at once, not at the first write to it, which would be under the lock."""


class HeldReader:
    """One file's bytes, read in several holds; chunks read at the same header and size belong together."""

    def __init__(self, source: BinaryIO) -> None:
        self._descriptor = source.fileno()
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)
        self._state = (b"", 0)
        self._left: deque[int] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._memory.close()

    @property
    def size_bytes(self) -> int:
        """The file's size as it is now."""
        return os.fstat(self._descriptor).st_size

    def prepare_memory(self) -> None:
        """Without the lock: take memory for the file, and read it once, so that it is in the page cache."""
        size = self.size_bytes
        if size <= len(self._memory):
            return
        self._memory.close()
        room = size + size // _SPARE_PART
        self._memory = mmap.mmap(-1, room, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _POPULATE)
        self._state = (b"", 0)
        for offset in range(0, size, _CHUNK_BYTES):
            self._read_chunk(offset)

    def read_for_seconds(self, seconds: float) -> bool:
        """Under the lock: read what is left for at most so many seconds, and return whether the file is whole.

        Raises FileChangedError where somebody truncated the file in spite of the lock.
        """
        until = time.monotonic() + seconds
        state = os.pread(self._descriptor, _HEADER_BYTES, 0), self.size_bytes
        if state[1] > len(self._memory):
            return False
        # Somebody committed since the last hold: its chunks belong to an older version, and all are read again.
        if state != self._state:
            self._state, self._left = state, deque(range(0, state[1], _CHUNK_BYTES))
        with ThreadPoolExecutor(_MAX_THREADS) as pool:
            helping = [pool.submit(self._read_remaining_chunks, until) for _ in range(_thread_count() - 1)]
            self._read_remaining_chunks(until)
        for helper in helping:
            helper.result()
        return not self._left

    def write_to(self, target: BinaryIO) -> None:
        """Write what the last hold completed."""
        with memoryview(self._memory) as memory:
            target.write(memory[: self._state[1]])

    def _read_remaining_chunks(self, until: float) -> None:
        while time.monotonic() < until:
            try:
                offset = self._left.popleft()
            except IndexError:
                return
            if self._read_chunk(offset) < min(_CHUNK_BYTES, self._state[1] - offset):
                raise FileChangedError

    def _read_chunk(self, offset: int) -> int:
        with memoryview(self._memory) as memory:
            return os.preadv(self._descriptor, [memory[offset : offset + _CHUNK_BYTES]], offset)


def _thread_count() -> int:
    """Return how many threads read side by side."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MAX_THREADS, usable)
