"""Small disks that fill up: a tmpfs over a folder.

What lives here: mounting, filling, growing. What does not: any test.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

_ATTEMPTS: Final = 50


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A mounted tmpfs."""

    folder: Path

    @property
    def free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self, *, leave_bytes: int = 0) -> None:
        """Take all room but so much, rounded to pages."""
        with self._filler.open("wb") as file:
            # A server may take room between the question and the answer.
            for _ in range(_ATTEMPTS):
                with suppress(OSError):
                    return os.posix_fallocate(file.fileno(), 0, self.free_bytes - leave_bytes)
            pytest.fail(f"{self.folder} could not be filled")

    def clear(self) -> None:
        """Give the room back."""
        self._filler.unlink()

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of that size over the folder, made where it is missing, with its owner and mode.

    Where this user may mount nothing the test is skipped; in CI, which runs as root, that is a failure.
    """
    folder.mkdir(parents=True, exist_ok=True)
    like = folder.stat()
    options = f"size={megabytes}m,uid={like.st_uid},gid={like.st_gid},mode={like.st_mode & 0o777:o}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True, text=True
    )
    if mounted.returncode != 0:
        reason = f"A small disk cannot be mounted: {mounted.stderr.strip()}."
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} In CI these tests may not be skipped.")
        pytest.skip(reason)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)
