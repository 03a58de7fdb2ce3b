"""The server's folder (home) and the account that owns it: VAR_DIR/postgres, or a fallback that the account can reach.

The folder is the lock file of starts and stops too. What is in it data_directory.py and binaries.py put there.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from synapse.foundation.embedded_postgres.account import ROOT, Account, own_account, owner_account, unprivileged_account
from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError

FALLBACK_VARIABLE: Final = "SYNAPSE_PG_FALLBACK_DIR"
_LOCK_TIMEOUT_SECONDS: Final = 180.0
_POLL_SECONDS: Final = 0.05
_NAME: Final = "synapse-embedded-postgres"
_NOTE: Final = "README"


@dataclass(frozen=True, slots=True)
class Home:
    """The server's folder; everything in it belongs to the account."""

    directory: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.directory / "pgdata"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.directory / "postgres.log"


def existing_home() -> Home | None:
    """Return this checkout's home; None where no server was ever started.

    Raises EmbeddedPostgresError where it is another user's.
    """
    for directory in (_preferred_folder(), _fallback_folder()):
        # Unlike Path.is_dir, no error where a folder above may not be entered.
        if os.path.isdir(directory) and not _is_leftover(directory):  # noqa: PTH112
            return _open_home(directory)
    return None


def ensure_home() -> Home:
    """Return this checkout's home, made where it is missing.

    Once made it stays where it is: a folder that becomes reachable later must not hide the data.

    Raises EmbeddedPostgresError where no folder can be had.
    """
    home = existing_home()
    if home:
        if not home.account.can_reach(home.directory):
            raise EmbeddedPostgresError(
                f"User {home.account.name}, who runs the server, can't reach {home.directory} any more: let others "
                "enter the folders above it again, or move it away to start empty."
            )
        return home
    account = unprivileged_account() if os.geteuid() == ROOT else own_account()
    if _make_folder(_preferred_folder(), account):
        return _open_home(_preferred_folder())
    _ensure_checkout_id()
    if _make_folder(_fallback_folder(), account):
        return _open_home(_fallback_folder())
    raise EmbeddedPostgresError(
        f"User {account.name}, who runs the server, can reach neither {_preferred_folder()} nor {_fallback_folder()}: "
        "set SYNAPSE_VAR_DIR to a folder that user can write to."
    )


@contextmanager
def hold_home_lock(home: Home) -> Iterator[None]:
    """Hold the home's lock against every other process that starts or stops its server.

    Raises EmbeddedPostgresError where another one holds it for three minutes.
    """
    # The folder itself is the lock file: one made by root would shut the account out.
    descriptor = os.open(home.directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _acquire_lock(descriptor, home)
        yield
    finally:
        # Closing releases it, and so does the end of the process.
        os.close(descriptor)


def _acquire_lock(descriptor: int, home: Home) -> None:
    deadline = time.monotonic() + _LOCK_TIMEOUT_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"Another command has been starting or stopping PostgreSQL for three minutes: see {home.log}."
                ) from None
            time.sleep(_POLL_SECONDS)


def _var_dir() -> Path:
    return Path(settings.VAR_DIR)


def _preferred_folder() -> Path:
    return _var_dir() / "postgres"


def _fallback_folder() -> Path:
    """Return the folder to use where the wanted one is out of reach, named after this checkout."""
    named = os.environ.get(FALLBACK_VARIABLE, "")
    if named:
        parent = Path(named).expanduser()
    elif os.geteuid() == ROOT:
        parent = Path("/var/lib") / _NAME
    else:
        # An account in a container may have no home at all; then this is no folder that can be made, and says so.
        home = os.environ.get("HOME") or "/nonexistent"
        parent = Path(os.environ.get("XDG_DATA_HOME") or f"{home}/.local/share") / _NAME
    # Named by the checkout's path, and by a mark so that a new checkout at an old path doesn't find the old data.
    try:
        mark = _mark_path().read_text()
    except OSError:
        mark = ""
    key = hashlib.sha256(f"{_var_dir()}\n{mark}".encode(errors="surrogateescape")).hexdigest()[:16]
    return parent.absolute() / key


def _mark_path() -> Path:
    return _var_dir() / "checkout_mark"


def _ensure_checkout_id() -> None:
    """Write a random id of this checkout where it has none, so that a new one at an old path finds no old data."""
    mark = _mark_path()
    partial = mark.with_name(f"{mark.name}.{secrets.token_hex(4)}")
    # A folder nobody can write to keeps the name its path gives it; where two starts meet, the first one's mark stays.
    with suppress(OSError):
        partial.write_text(secrets.token_hex(8))
        try:
            mark.hardlink_to(partial)
        finally:
            partial.unlink()


def _open_home(directory: Path) -> Home:
    """Return the home in this folder. Raises EmbeddedPostgresError where it is root's or another user's."""
    account = owner_account(directory)
    if account.uid == ROOT:
        raise EmbeddedPostgresError(
            f"{directory} belongs to root, whom PostgreSQL refuses: move it away and try again."
        )
    if os.geteuid() not in (ROOT, account.uid):
        raise EmbeddedPostgresError(
            f"{directory} belongs to user {account.name}: run the command as {account.name} or root, or set "
            "SYNAPSE_VAR_DIR to a folder of your own."
        )
    return Home(directory=directory, account=account)


def _is_leftover(directory: Path) -> bool:
    """Say whether the folder is an empty one of root's, which `_make_folder` replaces."""
    return directory.stat().st_uid == ROOT == os.geteuid() and not any(directory.iterdir())


def _make_folder(directory: Path, account: Account) -> bool:
    """Make the folder as the account's own; False where this process can't write or the account can't reach it."""
    partial = directory.with_name(f"{directory.name}.new-{secrets.token_hex(4)}")
    # Why it failed doesn't matter: another start was quicker, and then the folder is there, or it can't be had here.
    with suppress(OSError):
        if not directory.parent.exists():
            directory.parent.mkdir(parents=True, exist_ok=True)
            if directory.parent.name == _NAME:
                # Made by us for the accounts of others, whatever the caller's umask.
                directory.parent.chmod(0o755)
        if not account.can_reach(directory.parent):
            return False
        partial.mkdir(mode=0o700)
        # Never empty, or the rename of a start just behind would replace this folder, lock and all.
        note = f"The embedded PostgreSQL of the Synapse checkout whose files are in {_var_dir()}.\n"
        (partial / _NOTE).write_text(note, encoding="utf-8", errors="backslashreplace")
        # Ours, and just made: nothing of the user's changes hands.
        for path in (partial / _NOTE, partial):
            os.chown(path, account.uid, account.gid)
        if _is_private(partial, account):
            # In one step, or a killed start would leave a folder that belongs to root.
            partial.rename(directory)
    shutil.rmtree(partial, ignore_errors=True)
    return directory.is_dir()


def _is_private(directory: Path, account: Account) -> bool:
    """Say whether the folder is the account's alone, which some file systems promise and don't keep."""
    found = directory.stat()
    return found.st_uid == account.uid and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
