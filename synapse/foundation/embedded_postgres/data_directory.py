"""The data directory: made by initdb, atomically, with our settings and a password; checked at each start."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from synapse.foundation.durable_files import fsync_path
from synapse.foundation.embedded_postgres.binaries import BIN_VARIABLE, Binaries
from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError
from synapse.foundation.embedded_postgres.home import Home

USER: Final = "synapse"
_PASSWORD_FILE: Final = "synapse.password"  # noqa: S105 - a file name
_SETTINGS_FILE: Final = "synapse.conf"
_UNFINISHED: Final = "pgdata.init-"
_FIRST_MAJOR_WITH_BUILTIN_LOCALE: Final = 17

_SETTINGS: Final = """\
# Rewritten at every start. To change a setting use ALTER SYSTEM, which goes before this file.
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 4GB
random_page_cost = 1.1
max_connections = 100
client_connection_check_interval = 1s
timezone = UTC
log_timezone = UTC
log_line_prefix = '%m [%p] %q%a '
log_checkpoints = off
"""
"""For one small machine. fsync and synchronous_commit stay on: what is committed is on the disk."""


def prepare_data_directory(home: Home, binaries: Binaries) -> None:
    """Make the data directory where it is missing, check its version and write our settings; the home is locked.

    Raises EmbeddedPostgresError where initdb fails, or where the data is another major version's.
    """
    # What killed starts left behind: under the home's lock there is no other start.
    for leftover in home.directory.glob(f"{_UNFINISHED}*"):
        if leftover.is_dir():
            # An initdb that outlived its start may still write there; the next start removes the rest.
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
    if not (home.data / "PG_VERSION").exists():
        _initialize_data(home, binaries)
    major = read_major_version(home.data)
    if major != str(binaries.major_version):
        raise EmbeddedPostgresError(
            f"The data in {home.data} is PostgreSQL {major}'s and the programs in {binaries.directory} are PostgreSQL "
            f"{binaries.major_version}'s: set {BIN_VARIABLE} to the bin folder of a PostgreSQL {major}, or move the "
            "data away."
        )
    home.account.write_file(home.data / _SETTINGS_FILE, _SETTINGS)


def read_major_version(data: Path) -> str:
    """Return the major version the data directory was made by."""
    return (data / "PG_VERSION").read_text().strip()


def read_password(data: Path) -> str:
    """Return the password generated for the data directory.

    Raises EmbeddedPostgresError where its file is gone.
    """
    path = data / _PASSWORD_FILE
    try:
        return path.read_text()
    except OSError as error:
        raise EmbeddedPostgresError(f"The server's password can't be read from {path}: {error.strerror}.") from error


def _initialize_data(home: Home, binaries: Binaries) -> None:
    if home.data.exists() and any(home.data.iterdir()):
        raise EmbeddedPostgresError(f"{home.data} is no PostgreSQL data directory: move it away and try again.")
    # The random token: a killed start's initdb may still be at work in a folder with this process's number.
    unfinished = home.directory / f"{_UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
    password = unfinished.with_name(f"{unfinished.name}.password")
    home.account.write_file(password, secrets.token_urlsafe(32))
    _run_initdb(home, binaries, into=unfinished, password=password)
    home.account.write_file(unfinished / "postgresql.conf", f"\ninclude_if_exists = '{_SETTINGS_FILE}'\n", append=True)
    password.rename(unfinished / _PASSWORD_FILE)
    # Only now, complete: a killed start leaves no half data directory under this name.
    unfinished.rename(home.data)
    fsync_path(home.directory)


def _run_initdb(home: Home, binaries: Binaries, *, into: Path, password: Path) -> None:
    outcome = home.account.run_program(
        [
            binaries.program_path("initdb"),
            f"--pgdata={into}",
            f"--username={USER}",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--data-checksums",
            "--text-search-config=english",
            "--no-instructions",
            *_locale_options(binaries),
        ],
        directory=home.directory,
    )
    if outcome.status != 0:
        reason = (outcome.complaint.strip() or outcome.output.strip()).splitlines() or ["no reason given"]
        raise EmbeddedPostgresError(f"PostgreSQL's initdb failed in {home.directory}: {reason[0]}")


def _locale_options(binaries: Binaries) -> list[str]:
    if binaries.major_version >= _FIRST_MAJOR_WITH_BUILTIN_LOCALE:
        # Sorts and folds alike on every system, whatever its C library.
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]
