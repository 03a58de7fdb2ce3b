"""Files and folders for their owner only, from the first byte on and whatever the umask is.

What is exported holds the business's data, and a shared machine has other accounts.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_OWNER_ONLY: Final = 0o600


def create_private_file(path: Path) -> None:
    """Create an empty file that its owner alone may read. Raises FileExistsError where anything has the name."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        # A strange umask could have taken the owner's own permissions.
        os.fchmod(descriptor, _OWNER_ONLY)
    finally:
        os.close(descriptor)


def write_private_text(path: Path, text: str) -> None:
    """Write the text as UTF-8 to a file that its owner alone may read; an existing file is replaced, whole or not.

    A terminal or a pipe is written to as it is. Raises OSError.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    real = Path(os.path.realpath(path))
    partial = real.with_name(f".{real.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    try:
        create_private_file(partial)
        partial.write_text(text, encoding="utf-8")
        partial.replace(real)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Make the folder and its missing parents, each for its owner only."""
    for path in [*reversed(folder.parents), folder]:
        path.mkdir(mode=0o700, exist_ok=True)
