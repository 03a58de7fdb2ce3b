"""How an import of many rows behaves: flat memory, a second run in no more time, and a bar on a terminal."""

import os
import re
import time
from pathlib import Path
from typing import Final

import pytest

from tests.faults.legacy_import.ground import Ended, Ground, ending, made_ground

pytestmark = pytest.mark.faults

LARGE_ROWS: Final = int(os.environ.get("IMPORT_FAULT_ROWS", "300000"))
LIMIT_BYTES: Final = 200_000_000

TERMINAL: Final = """
import os, pty, sys
command = [sys.executable, "-B", "manage.py", "import_legacy", "--source=primary"]
sys.exit(os.waitstatus_to_exitcode(pty.spawn(command)))
"""


def peak_bytes(pid: int) -> int:
    """Return the most memory the process has held so far; 0 once it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def test_memory_stays_flat(capsys: pytest.CaptureFixture[str]) -> None:
    with made_ground(rows=LARGE_ROWS) as ground, ending(ground.start_import()) as process:
        peak, began = 0, time.monotonic()
        while process.poll() is None:
            peak = max(peak, peak_bytes(process.pid))
            time.sleep(0.05)
        seconds = time.monotonic() - began

        assert Ended.of(process).code == 0
        assert ground.look().rows["ledger"] == LARGE_ROWS
    with capsys.disabled():
        print(f"\n{LARGE_ROWS:,} rows: peak {peak / 1e6:.0f} MB, {seconds:.1f} s")  # noqa: T201
    assert 0 < peak < LIMIT_BYTES


def test_second_import_right_after_the_first_takes_no_longer(large_ground: Ground) -> None:
    began = time.monotonic()
    large_ground.import_legacy()
    first = time.monotonic() - began
    with ending(large_ground.start_import()) as again:
        assert again.wait(3 * first) == 0


def test_terminal_shows_rows_rate_and_time_left(large_ground: Ground) -> None:
    large_ground.empty()
    shown = on_terminal(large_ground)

    assert re.search(r"primary: reading linkedin_posts", shown)
    assert re.search(r"\d+/100003", shown)
    assert re.search(r"[\d,]+ rows/s", shown)
    assert re.search(r"\d:\d\d:\d\d", shown)
    assert re.search(r"primary: (judging|merging) consultation_inquiries", shown)


def on_terminal(ground: Ground) -> str:
    """Return what an import draws on a terminal."""
    folders = {"LEGACY_DIR": str(ground.legacy_dir), "BACKUP_DIR": str(ground.snapshots.parent)}
    ended = Ended.of(ground.checkout.start("-c", TERMINAL, **folders, TERM="xterm", COLUMNS="160"))
    assert ended.code == 0, ended
    return ended.output
