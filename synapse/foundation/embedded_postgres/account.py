"""The system account that the server runs as: PostgreSQL refuses root. Runs programs and writes files as it."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError

ROOT: Final = 0
_UNPRIVILEGED: Final = ("postgres", "nobody")
_TIMEOUT_SECONDS: Final = 180


@dataclass(frozen=True, slots=True)
class Account:
    """A system account; `switch` says that this process is root and must become it."""

    uid: int
    gid: int
    name: str
    switch: bool

    def run_program(self, arguments: Sequence[str | Path], *, directory: Path, text: str = "") -> "Outcome":
        """Run a program as the account in the directory, `text` on its standard input, and wait for its end."""
        try:
            completed = subprocess.run(  # noqa: S603
                [os.fspath(argument) for argument in arguments],
                input=text,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=_TIMEOUT_SECONDS,
                cwd=directory,
                # Without the caller's PGDATA and the like; English messages, because launch.py reads them.
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                # Away from the terminal: its Ctrl-C is meant for the command, not for the server.
                start_new_session=True,
                user=self.uid if self.switch else None,
                group=self.gid if self.switch else None,
                extra_groups=[] if self.switch else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return Outcome(status=127, output="", complaint=str(error))
        return Outcome(status=completed.returncode, output=completed.stdout, complaint=completed.stderr)

    def can_reach(self, path: Path) -> bool:
        """Say whether the account may enter the folder, or run the program, at the path."""
        if not self.switch:
            return os.access(path, os.X_OK)
        return self.run_program(["test", "-x", path], directory=Path("/")).status == 0

    def write_file(self, path: Path, text: str, *, append: bool = False) -> None:
        """Write the file as the account, readable by it alone: root, writing there, could follow a symbolic link.

        Raises EmbeddedPostgresError where it can't.
        """
        script = 'umask 077 && cat >> "$1"' if append else 'umask 077 && cat > "$1"'
        outcome = self.run_program(["/bin/sh", "-c", script, "sh", path], directory=Path("/"), text=text)
        if outcome.status != 0:
            raise EmbeddedPostgresError(f"User {self.name} can't write {path}: {outcome.complaint.strip()[:80]}.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended."""

    status: int
    output: str
    complaint: str


def own_account() -> Account:
    """Return the account of this process."""
    return _account_by_uid(os.geteuid())


def unprivileged_account() -> Account:
    """Return the account a server started by root runs as: postgres, else nobody.

    Raises EmbeddedPostgresError where the system has neither.
    """
    for name in _UNPRIVILEGED:
        try:
            return _account_by_uid(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        "PostgreSQL refuses to run as root and there is no user postgres or nobody: add one, or run as another user."
    )


def owner_account(path: Path) -> Account:
    """Return the account that owns the file or folder."""
    return _account_by_uid(path.stat().st_uid)


def _account_by_uid(uid: int) -> Account:
    switch = os.geteuid() == ROOT and uid != ROOT
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        # Containers run under a bare number.
        return Account(uid=uid, gid=os.getegid() if not switch else uid, name=str(uid), switch=switch)
    return Account(uid=uid, gid=entry.pw_gid, name=entry.pw_name, switch=switch)
