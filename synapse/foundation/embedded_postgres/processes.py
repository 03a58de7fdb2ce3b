"""The processes of a data directory: its postmaster, and orphan backends that outlived one. From /proc, or from ps."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PROGRAMS: Final = {"postgres", "postmaster"}


def is_alive(pid: int) -> bool:
    """Say whether the process runs; a zombie, which ended and waits to be collected, does not."""
    return bool(_command_line(pid))


def is_postmaster(pid: int, data: Path) -> bool:
    """Say whether the process is the postmaster of this very data directory, and not another with a reused number."""
    arguments = _command_line(pid)
    return bool(arguments) and Path(arguments[0]).name in _PROGRAMS and _runs_in_directory(pid, data, arguments)


def find_postmaster(data: Path) -> int | None:
    """Return the process id of the data directory's postmaster, whatever its pid file says."""
    return next((pid for pid in _all_pids() if is_postmaster(pid, data)), None)


def find_orphans(data: Path) -> list[int]:
    """Return the backends that still run on the data directory; meaningful once the postmaster is dead."""
    return [
        pid
        for pid in _all_pids()
        if (arguments := _command_line(pid))
        and arguments[0].startswith("postgres: ")
        and _runs_in_directory(pid, data, arguments)
    ]


def _runs_in_directory(pid: int, data: Path, arguments: list[str]) -> bool:
    """Say whether the process's working directory, or else its command line, is the data directory."""
    try:
        # Every process of a server has its data directory as its working directory.
        return (_PROC / str(pid) / "cwd").samefile(data)
    except OSError:
        return str(data) in arguments


def _command_line(pid: int) -> list[str]:
    if _PROC.joinpath("self").exists():
        try:
            content = (_PROC / str(pid) / "cmdline").read_bytes()
        except OSError:
            return []
        return content.decode(errors="surrogateescape").rstrip("\0").split("\0") if content else []
    line = _run_ps("-p", str(pid), "-o", "command=").strip()
    program, *rest = line.split(" -D ", 1)
    return [program, "-D", rest[0].split(" -p ")[0]] if rest else [line] if line else []


def _all_pids() -> Iterator[int]:
    if _PROC.joinpath("self").exists():
        return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())
    return (int(line) for line in _run_ps("-axo", "pid=").split())


def _run_ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout  # noqa: S603, S607
