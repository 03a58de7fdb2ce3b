"""Legacy files made on the spot, and other processes that write to them."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from legacy_import.pipeline.snapshot.snapshot import Snapshot

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)

WRITER = """
import json, sqlite3, sys, time
path, mode, pause_seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
connection = sqlite3.connect(path, isolation_level=None, timeout=5)
connection.execute(f"PRAGMA journal_mode = {mode}")
connection.execute("PRAGMA synchronous = OFF")  # what is measured is waiting for locks, not for a busy disk
waits = []
print("ready", flush=True)
import threading
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
while not stop.is_set():
    began = time.perf_counter()
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO pair (side, number) VALUES ('left', ?)", (len(waits),))
        connection.execute("UPDATE t SET v = 'new' WHERE id = 1 + (? % (SELECT max(id) FROM t))", (len(waits) * 7919,))
        connection.execute("INSERT INTO pair (side, number) VALUES ('right', ?)", (len(waits),))
    waits.append(time.perf_counter() - began)
    time.sleep(pause_seconds)
print(json.dumps({"commits": len(waits), "longest_ms": 1000 * max(waits)}))
"""

LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("ready", flush=True)
sys.stdin.read()
"""

CRASHED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
connection.execute("UPDATE t SET v = 'lost'")
os.write(1, b"ready\\n")
os._exit(1)
"""

CRASHED_WAL = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = wal")
connection.execute("INSERT INTO t (v) VALUES ('only in the wal')")
os.write(1, b"ready\\n")
os._exit(1)
"""


def make_database(path: Path, *, mode: str = "delete", rows: int = 50, width: int = 100) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
        connection.execute("CREATE TABLE pair (side TEXT, number INTEGER)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO t (v) VALUES (?)", (("x" * width,) for _ in range(rows)))
        connection.execute("COMMIT")
    return path


@contextmanager
def running(script: str, *arguments: object) -> Iterator[dict[str, Any]]:
    """Run the script in a process of its own; its last line, JSON, is in the yielded dictionary afterwards."""
    result: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield result
        finally:
            output, _ = process.communicate(timeout=60)
            if output:
                result.update(json.loads(output))


def run_to_crash(script: str, path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=False, text=True)
    assert done.stdout == "ready\n", done.stderr


def rows_of(snapshot: Snapshot, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"{snapshot.path.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def folder_content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
