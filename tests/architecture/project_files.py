"""The files the project consists of."""

import subprocess
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = (PROJECT / name for name in listed.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def python_files() -> list[Path]:
    """Return the Python files, less the migrations: those are written by a machine."""
    return [path for path in project_files() if path.suffix == ".py" and "migrations" not in path.parts]


def named(paths: list[Path]) -> list[str]:
    """Return the paths as one reads them in the project."""
    return sorted(str(path.relative_to(PROJECT)) for path in paths)
