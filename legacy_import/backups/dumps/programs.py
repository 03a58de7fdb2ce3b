"""Finding the pg_dump and pg_restore whose version fits a server: no older than it, and not too new to restore into it.

`client` runs them.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from legacy_import.errors import TerminalError
from synapse.foundation.embedded_postgres.binaries import BIN_VARIABLE, Binaries, system_directories, wheel_directory

_FIRST_MAJOR_WITH_TRANSACTION_TIMEOUT: Final = 17
"""From there on pg_restore sets `transaction_timeout`, which an older server does not know."""

_NONE_FOUND: Final = "No pg_dump and pg_restore were found."


class ProgramError(TerminalError):
    """No program serves, or it failed; the caller puts before the sentence what was not done for it."""


def programs_to_dump(server_major: int) -> Binaries:
    """Return the programs of the server's major version, else the next newer ones.

    Raises ProgramError that says what to install where all that is found is older, or nothing is.
    """
    found = _find_programs()
    fitting = [programs for programs in found if programs.major_version >= server_major]
    if fitting:
        return fitting[0]
    if not found:
        raise ProgramError(f"{_NONE_FOUND} {_installing_advice(server_major)}")
    raise ProgramError(
        f"The newest pg_dump found, {found[-1].version} in {found[-1].directory}, is older than the server,"
        f" PostgreSQL {server_major}. {_installing_advice(server_major)}"
    )


def programs_to_restore(server_major: int) -> Binaries:
    """Return the programs that can restore into such a server; the same as dump it, less those too new for it.

    Raises ProgramError as `programs_to_dump` does.
    """
    programs = programs_to_dump(server_major)
    if server_major < _FIRST_MAJOR_WITH_TRANSACTION_TIMEOUT <= programs.major_version:
        raise ProgramError(
            f"pg_restore {programs.version} is too new for the server, PostgreSQL {server_major}."
            f" {_installing_advice(server_major)}"
        )
    return programs


def newest_programs() -> Binaries:
    """Return the newest programs there are: those read dumps of every earlier version. Raises ProgramError."""
    found = _find_programs()
    if not found:
        raise ProgramError(f"{_NONE_FOUND} {_installing_advice(None)}")
    return found[-1]


def _installing_advice(server_major: int | None) -> str:
    version, package = (f" {server_major}", f"-{server_major}") if server_major else ("", "")
    return (
        f"Install the client programs of PostgreSQL{version} (on Debian postgresql-client{package})"
        f" or set {BIN_VARIABLE} to their folder."
    )


def _find_programs() -> list[Binaries]:
    """Return what is installed, the oldest first; of one version, the first one in the order of the search."""
    if named := os.environ.get(BIN_VARIABLE, ""):
        # What was named is meant: no other is taken in its place.
        directories = [Path(named).expanduser()]
    else:
        wheel, on_path = wheel_directory(), shutil.which("pg_dump")
        directories = [*([wheel] if wheel else []), *system_directories(), *([Path(on_path).parent] if on_path else [])]
    found = [programs for directory in dict.fromkeys(directories) if (programs := _inspect_directory(directory))]
    return sorted(found, key=lambda programs: programs.major_version)


def _inspect_directory(directory: Path) -> Binaries | None:
    """Return what the folder holds; None where one of the two is missing or doesn't run on this machine."""
    if not os.access(directory / "pg_restore", os.X_OK):
        return None
    try:
        completed = subprocess.run(  # noqa: S603
            [directory / "pg_dump", "--version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d[\w.]*)", completed.stdout)
    return Binaries(directory=directory.absolute(), version=match[1]) if match else None
