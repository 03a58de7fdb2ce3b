"""Checkouts for the tests of the embedded server: throw-away VAR_DIRs, used as root and as an ordinary user.

What lives here: making them, running commands in them, ending their servers. What does not: any test.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from synapse.foundation.embedded_postgres.processes import is_alive

PROJECT = Path(__file__).resolve().parent.parent
OWN = "this process's user"
ROOT = "root"
ORDINARY = "an ordinary user"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A VAR_DIR, and the user its commands run as (None: this process's), with which Python and which variables."""

    var_dir: Path
    uid: int | None
    python: str
    variables: dict[str, str]

    @property
    def home(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def data(self) -> Path:
        return self.home / "pgdata"

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Start manage.py, or Python where the first argument is -c."""
        script = [] if arguments[0] == "-c" else ["manage.py"]
        return subprocess.Popen(
            [self.python, "-B", *script, *arguments],
            cwd=PROJECT,
            env={**_environment(), "SYNAPSE_VAR_DIR": str(self.var_dir), **self.variables, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # As a terminal gives each command, so that a test can send its Ctrl-C.
            process_group=0,
            user=self.uid,
            group=None if self.uid is None else pwd.getpwuid(self.uid).pw_gid,
            extra_groups=None if self.uid is None else [],
        )

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run manage.py, or Python where the first argument is -c, to its end."""
        with self.start(*arguments, **variables) as process:
            output, complaint = process.communicate(timeout=240)
        return subprocess.CompletedProcess(arguments, process.returncode, output, complaint)

    def query(self, sql: str = "SELECT 1", **variables: str) -> str:
        """Return the one value of the query, asked over Django; the server starts itself."""
        completed = self.run("-c", QUERY, **{"QUERY": sql, **variables})
        assert completed.returncode == 0, completed.stderr
        return completed.stdout.strip()

    def migrate(self) -> None:
        """Give the new checkout, one of this process's user, the three databases, migrated; its server is stopped."""
        assert self.uid is None
        # Making a server and its tables takes ten times as long as copying its stopped folder.
        subprocess.run(["cp", "-a", f"{_migrated_var_dir()}/.", self.var_dir], check=True)

    def postmaster(self) -> int:
        """Return the process id in the pid file."""
        return int((self.data / "postmaster.pid").read_text().split()[0])


def kill(*pids: int) -> None:
    """Kill the processes and wait for their end."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, pids)))


def wait_until(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Wait for the condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.005)


QUERY = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from django.db import connection
with connection._nodb_cursor() as cursor:
    cursor.execute(os.environ["QUERY"])
    print(cursor.fetchone()[0] if cursor.description else "")
"""
"""On the database postgres, which every server has."""


@contextmanager
def temporary_checkout(user: str, *, name: str = "var") -> Iterator[Checkout]:
    """Make a checkout as this process's user, as root or as an ordinary user; its server ends with it."""
    uid = _uid(user)
    python = sys.executable if uid is None else _python_for(uid)
    top = Path(tempfile.mkdtemp(prefix="synapse-checkout-"))
    # pytest's own folders are closed to other accounts, which is a case of its own.
    top.chmod(0o755)
    var_dir = top / name
    var_dir.mkdir(parents=True)
    elsewhere = top / "elsewhere"
    elsewhere.mkdir()
    if uid is not None:
        os.chown(var_dir, uid, -1)
        os.chown(elsewhere, uid, -1)
    checkout = Checkout(var_dir=var_dir, uid=uid, python=python, variables={"SYNAPSE_PG_FALLBACK_DIR": str(elsewhere)})
    try:
        yield checkout
    finally:
        checkout.run("postgres", "stop")
        shutil.rmtree(top)


@cache
def _migrated_var_dir() -> Path:
    """Make a migrated checkout, once in this process, and return its VAR_DIR, whose server is stopped."""
    kept = _kept.enter_context(temporary_checkout(OWN))
    migrated = kept.run("migrate_all")
    assert migrated.returncode == 0, migrated.stderr
    # Nothing here cuts the power: what a killed process wrote is in the kernel's hands.
    kept.query("ALTER SYSTEM SET fsync = off")
    stopped = kept.run("postgres", "stop")
    assert stopped.returncode == 0, stopped.stderr
    return kept.var_dir


_kept = ExitStack()


def remove_migrated_checkout() -> None:
    """Remove what `Checkout.migrate` copies from; called at the end of a test session."""
    _kept.close()


def _uid(user: str) -> int | None:
    """Return the user id commands run as; None where that is this process's own."""
    if user == OWN:
        return None
    is_root = os.geteuid() == 0
    if user == ROOT:
        if not is_root:
            pytest.skip("needs root")
        return None
    if not is_root:
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    if subprocess.run(["test", "-r", PROJECT / "manage.py"], user=nobody, check=False).returncode != 0:
        pytest.skip(f"user nobody can't read {PROJECT}")
    return nobody


def _python_for(uid: int) -> str:
    """Return a Python the user can run: this one, or the system's of the same version where this is root's own."""
    name = f"python3.{sys.version_info.minor}"
    for python in filter(None, (sys.executable, shutil.which(name, path="/usr/bin:/usr/local/bin"))):
        try:
            subprocess.run([python, "-c", ""], user=uid, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return pytest.skip(f"user {uid} can run no {name}")


def _environment() -> dict[str, str]:
    """Return this process's environment without what would steer the server or name other databases."""
    steering = ("PG", "SYNAPSE_", "DATABASE_URL", "ANALYTICS_", "REVENUE_", "PYTEST_", "COV_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    # A pipe that nobody reads until the end holds 64 KB, and a server says more than that.
    quiet = {"SYNAPSE_LOG_LEVEL": "ERROR"}
    # For a Python that is not this environment's.
    return {**own, **quiet, "PYTHONPATH": str(Path(pytest.__file__).parent.parent)}
