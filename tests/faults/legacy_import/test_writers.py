"""Writers of the live file go on during an import; a lock that is held on is told; the file stays as it is."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.legacy_import.ground import Ended, Ground, ending
from tests.reliability import Tally

pytestmark = pytest.mark.faults

# Without waiting for the disk, which PostgreSQL keeps busy: what is measured is the waiting for locks.
WRITER = """
import json, sqlite3, sys, threading, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
connection.execute(f"PRAGMA journal_mode = {sys.argv[2]}")
connection.execute("PRAGMA synchronous = OFF")
connection.execute("CREATE TABLE IF NOT EXISTS written (number INTEGER PRIMARY KEY, side TEXT)")
(rows,) = connection.execute("SELECT count(*) FROM consultation_inquiries").fetchone()
waits = []
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
print("ready", flush=True)
while not stop.is_set():
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO written (side) VALUES ('left')")
    connection.execute(
        "UPDATE consultation_inquiries SET priority_score = 1 + priority_score % 5 WHERE rowid = ?",
        (1 + len(waits) * 7919 % rows,),
    )
    connection.execute("INSERT INTO written (side) VALUES ('right')")
    connection.execute("COMMIT")
    waits.append(time.perf_counter() - began)
    time.sleep(float(sys.argv[3]))
print(json.dumps({"commits": len(waits), "longest_ms": round(1000 * max(waits), 1)}))
"""

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def beside(script: str, *arguments: object) -> Iterator[dict[str, Any]]:
    """Run the script meanwhile; what it says at its end is in the dictionary afterwards."""
    said: dict[str, Any] = {}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield said
        finally:
            output, _ = process.communicate(timeout=30)
            said.update(json.loads(output or "{}"))


def set_journal_mode(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        assert file.execute(f"PRAGMA journal_mode = {mode}").fetchone() == (mode,)


@pytest.mark.alone
@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("pause_seconds", [0.002, 0.02])
def test_no_commit_waits_over_100_ms(
    mode: str, pause_seconds: float, large_ground: Ground, capsys: pytest.CaptureFixture[str], tally: Tally
) -> None:
    large_ground.empty()
    with beside(WRITER, large_ground.primary, mode, pause_seconds) as alone:
        time.sleep(3)

    with beside(WRITER, large_ground.primary, mode, pause_seconds) as during:
        tables = large_ground.import_legacy()["primary"]["tables"]

    with capsys.disabled():
        print(f"\n{mode}, pause {pause_seconds} s: alone {alone}, during an import {during}")  # noqa: T201
    assert during["commits"] > 100
    assert during["longest_ms"] < 100 + alone["longest_ms"]
    assert tables["written"]["read"] % 2 == 0
    with closing(sqlite3.connect(large_ground.primary)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("SELECT count(*) FROM written WHERE side = 'left'").fetchone()[0] >= during["commits"]
    tally("commits by others during such imports", during["commits"])


@pytest.mark.parametrize(("timeout_seconds", "named"), [("1.5", "1.5"), ("", "30")])
def test_exclusive_lock_held_on_is_told_in_one_sentence(
    timeout_seconds: str, named: str, small_ground: Ground, tally: Tally
) -> None:
    small_ground.empty()
    variables = {"LEGACY_LOCK_TIMEOUT_SECONDS": timeout_seconds} if timeout_seconds else {}
    with beside(HOLDER, small_ground.primary):
        began = time.monotonic()
        sentence = Ended.of(small_ground.start_import(**variables)).error
        waited = time.monotonic() - began

    assert sentence == (
        f"The legacy file {small_ground.primary} has been locked by another program for {named} seconds."
    )
    assert float(named) <= waited < float(named) + 15
    assert small_ground.look().is_empty
    tally("locks held on the legacy file", 1)


def test_lock_released_in_time_is_waited_for(small_ground: Ground, tally: Tally) -> None:
    small_ground.empty()
    with ending(small_ground.start_import()) as process:
        with beside(HOLDER, small_ground.primary):
            time.sleep(3)
            assert process.poll() is None
        ended = Ended.of(process)

    assert ended.code == 0, ended
    assert small_ground.look().rows["posts"] == 7
    tally("locks held on the legacy file", 1)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_import_leaves_the_file_and_its_folder_as_they_are(mode: str, small_ground: Ground) -> None:
    set_journal_mode(small_ground.primary, mode)
    before = folder_content(small_ground.legacy_dir)

    small_ground.import_legacy("primary", "duplicate")

    assert folder_content(small_ground.legacy_dir) == before


def folder_content(folder: Path) -> dict[Path, tuple[bytes, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert all(re.search(r"\.db$", os.fspath(path)) for path in files)
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
