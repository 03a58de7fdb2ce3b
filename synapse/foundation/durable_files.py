"""Files and their names made to survive a power cut (fsync)."""

import os
from pathlib import Path


def fsync_path(path: Path) -> None:
    """Flush the file, or the names in the folder, to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file_durably(partial: Path, path: Path) -> None:
    """Rename a finished file into place atomically: the file is flushed (fsync) first, then its folder."""
    partial.chmod(0o600)
    fsync_path(partial)
    partial.rename(path)
    fsync_path(path.parent)
