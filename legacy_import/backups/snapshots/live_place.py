"""Where a restore in place may write: a plain file within the legacy folder, and nowhere that a link leads out of it.

Called by replacing.py before anything is opened.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from legacy_import.backups.snapshots.restoring import sidecar_paths
from legacy_import.errors import TerminalError


@dataclass(frozen=True, slots=True)
class LivePlace:
    """A legacy file's place: the legacy folder, and the file's path in it."""

    folder: Path
    relative: str

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.folder / self.relative


def find_replaceable_file(place: LivePlace) -> Path:
    """Return the file that the place leads to, which need not exist.

    Raises TerminalError where the path leads out of the legacy folder, or to anything but a plain file with one name.
    """
    real = Path(os.path.realpath(place.path))
    if not real.is_relative_to(os.path.realpath(place.folder)):
        raise _replacement_refused_error(place.path, f"leads by a link to {real}, out of the folder {place.folder}")
    _require_plain_file(place.path, real)
    for path in sidecar_paths(real):
        # SQLite would follow a link and write there.
        if path.is_symlink():
            raise _replacement_refused_error(path, "is a link")
        _require_plain_file(path, path)
    return real


def _require_plain_file(named: Path, real: Path) -> None:
    try:
        status = real.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise _replacement_refused_error(named, "is no regular file")
    if status.st_nlink > 1:
        raise _replacement_refused_error(
            named, f"has {status.st_nlink} names (hard links), and another one may lie elsewhere"
        )


def _replacement_refused_error(path: Path, reason: str) -> TerminalError:
    return TerminalError(f"{path} {reason}: nothing was replaced. Restore with --output DIR and copy it by hand.")
