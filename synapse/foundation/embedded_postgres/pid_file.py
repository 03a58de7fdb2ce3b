"""postmaster.pid, which a server writes about itself; it may be stale, so processes.py checks what it says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LINE_OF_PORT: Final = 3
_LINE_OF_STATUS: Final = 7
_READY: Final = "ready"


@dataclass(frozen=True, slots=True)
class PidFile:
    """The file's content; `pid` and `port` are None where it is empty or cut off before them."""

    pid: int | None
    port: int | None
    ready: bool


def pid_file_path(data: Path) -> Path:
    """Return the path of the data directory's pid file."""
    return data / "postmaster.pid"


def read_pid_file(data: Path) -> PidFile | None:
    """Return the data directory's pid file; None where there is none."""
    try:
        lines = pid_file_path(data).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    return PidFile(
        pid=_positive_number(lines, 0),
        port=_positive_number(lines, _LINE_OF_PORT),
        ready=len(lines) > _LINE_OF_STATUS and lines[_LINE_OF_STATUS].strip() == _READY,
    )


def _positive_number(lines: list[str], index: int) -> int | None:
    text = lines[index].strip() if index < len(lines) else ""
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None
