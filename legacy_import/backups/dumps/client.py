"""Reaching a database's server: connections of its own, and PostgreSQL's programs as child processes.

The password is passed in the child's environment: every user of the machine can read a command line.
Which version of the programs serves is decided in `programs`.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import pq
from psycopg.conninfo import make_conninfo

from legacy_import.backups.dumps.programs import ProgramError
from legacy_import.backups.error_sentences import translate_os_errors
from legacy_import.errors import TerminalError, TransientError
from synapse.foundation.pgbouncer import pgbouncer_refusal
from synapse.foundation.processes.parent_death import end_with_parent

MAINTENANCE: Final = "postgres"
"""The database from which others are created and renamed; every server has it."""
_SECRETS: Final = frozenset({"password", "sslpassword"})
_POLL_SECONDS: Final = 0.2
"""How often `watch` is called while a program runs."""
_MAX_COMPLAINT_LENGTH: Final = 200

Watch = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Address:
    """How libpq reaches a database; the password is apart."""

    conninfo: str
    environment: dict[str, str] = field(repr=False)


def database_name(alias: str) -> str:
    """Return the name of the alias's database on its server."""
    return str(connections[alias].settings_dict["NAME"])


@contextmanager
def open_session(alias: str, *, database: str = "") -> Iterator[BaseDatabaseWrapper]:
    """Yield a connection of its own to the alias's database, or to another one on its server.

    Raises TerminalError where the alias leads to PgBouncer: neither what is done here nor pg_dump may share a session.
    """
    if refusal := pgbouncer_refusal(f"{database_name(alias)}: a dump or a restore"):
        raise TerminalError(refusal)
    connection = connections[alias]
    name = database or database_name(alias)
    # Not the thread's own connection: that one may be in a transaction, and is bound to its database.
    own = type(connection)({**connection.settings_dict, "NAME": name}, alias=alias)
    try:
        own.ensure_connection()
        yield own
    finally:
        own.close()


def libpq_address(alias: str, *, database: str = "") -> Address:
    """Return how libpq reaches the alias's database, or another one on its server."""
    params = connections[alias].get_connection_params()
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    public = {key: value for key, value in params.items() if key in known - _SECRETS and value is not None}
    public |= {"dbname": database or database_name(alias), "application_name": "synapse backups"}
    environment = {**os.environ, "LC_ALL": "C"}
    if params.get("password"):
        environment["PGPASSWORD"] = str(params["password"])
    return Address(conninfo=make_conninfo(**public), environment=environment)


def run_program(
    program: Path, arguments: Sequence[str | Path], *, address: Address | None = None, watch: Watch = lambda: None
) -> str:
    """Run the program to its end and return what it printed; watch is called now and then meanwhile.

    It ends with this process, however that ends. Raises ProgramError with its first complaint where it fails.
    """
    with subprocess.Popen(  # noqa: S603
        [program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=address.environment if address else {**os.environ, "LC_ALL": "C"},
        preexec_fn=end_with_parent,  # noqa: PLW1509 - one system call, its library loaded before the fork
    ) as process:
        try:
            output, complaint = _communicate(process, watch)
        except BaseException:
            # Leaving the block waits for the program: after an error or Ctrl-C it must not run to its end.
            process.kill()
            raise
    if process.returncode != 0:
        ending = f"was killed by signal {-process.returncode}" if process.returncode < 0 else "failed"
        # The first complaint is the cause, those after it are its effects; "pg_dump: error: " is cut off.
        lines = [line.split("error: ", 1)[-1].strip() for line in complaint.splitlines() if line.strip()]
        reason = lines[0][:_MAX_COMPLAINT_LENGTH] if lines else "it gave no reason"
        raise ProgramError(f"{program.name} {ending}: {reason}")
    return output


def _communicate(process: "subprocess.Popen[str]", watch: Watch) -> tuple[str, str]:
    """Read both pipes to their end: a program whose pipe is full would wait for ever."""
    while True:
        try:
            return process.communicate(timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            watch()


@contextmanager
def translate_dump_errors(what: str) -> Iterator[None]:
    """Translate errors of programs, system and server into TerminalError or TransientError "what: reason"."""
    try:
        with translate_os_errors(what):
            yield
    except ProgramError as error:
        raise TerminalError(f"{what}: {error}") from error
    except DatabaseError as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise TransientError(f"{what}: {lines[0]}") from error
