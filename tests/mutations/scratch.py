"""A copy of the checkout, in which files may be broken: tests run in it, and what they start sees the breaks too.

Used by run: one copy per process, each with an embedded PostgreSQL and test databases of its own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]


@contextmanager
def scratch_checkout() -> Iterator[Path]:
    """Copy every file that is or would be committed to a new folder; stop its PostgreSQL and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        for name in _project_files():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
        yield folder
    finally:
        subprocess.run(
            [sys.executable, "manage.py", "postgres", "stop"],
            cwd=folder,
            env=scratch_environment(),
            check=False,
            capture_output=True,
        )
        shutil.rmtree(folder, ignore_errors=True)


def scratch_environment() -> dict[str, str]:
    """Return the environment of what runs in a copy: the copy's own code, databases and folders."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SYNAPSE_", "PYTEST_", "PYTHONDONTWRITEBYTECODE"))
    }
    return own | {"PYTHONPATH": ".", "DJANGO_SETTINGS_MODULE": "synapse.settings"}


def _project_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [name for name in listed.split("\0") if name and (PROJECT / name).is_file()]
