"""A program that goes on changing a legacy file: PATH JOURNAL_MODE PAUSE_SECONDS STATE_QUERY.

Each transaction keeps pair_left and pair_right alike: as many rows, the same sum, as many columns. Between them it runs
VACUUM and, where the journal is a rollback journal, replaces the whole file with another by renaming. It ends with its
input, and prints every state it has committed, how often it did what, and how long its longest transaction took.
"""

import json
import os
import random
import shutil
import sqlite3
import sys
import threading
import time
import uuid
from collections import Counter
from typing import Final

PATH, MODE = sys.argv[1:3]
PAUSE_SECONDS: Final = float(sys.argv[3])
STATE: Final = sys.argv[4]
WEIGHTS: Final = {"insert": 60, "delete": 30, "alter": 2, "vacuum": 4, "replace": 4 if MODE == "delete" else 0}
MOST_COLUMNS: Final = 400

chance = random.Random(4)  # noqa: S311 - it decides what to do next
states: list[tuple[int, ...]] = []
acts: Counter[str] = Counter()
longest_seconds = 0.0


def opened(path: str) -> sqlite3.Connection:
    """Open the file as the legacy programs do, without waiting for the disk."""
    file = sqlite3.connect(path, isolation_level=None, timeout=10)
    file.execute(f"PRAGMA journal_mode = {MODE}")
    file.execute("PRAGMA synchronous = OFF")
    return file


def change(file: sqlite3.Connection, act: str) -> None:
    """Commit one change of both tables; its state is noted first, for an import may be quicker than this program."""
    global longest_seconds  # noqa: PLW0603 - a script's one figure
    began = time.perf_counter()
    file.execute("BEGIN IMMEDIATE")
    if act == "insert":
        number = chance.randrange(1_000_000)
        file.execute("INSERT INTO pair_left (number) VALUES (?)", (number,))
        file.execute(
            "INSERT INTO consultation_inquiries (inquiry_id, contact_name, inquiry_type, inquiry_channel)"
            " VALUES (?, 'Ada', 'architecture', 'linkedin_dm')",
            (f"new-{uuid.uuid4()}",),
        )
        file.execute("INSERT INTO pair_right (number) VALUES (?)", (number,))
    elif act == "delete":
        file.execute("DELETE FROM pair_left WHERE rowid = (SELECT min(rowid) FROM pair_left)")
        file.execute("DELETE FROM consultation_inquiries WHERE rowid = (SELECT max(rowid) FROM consultation_inquiries)")
        file.execute("DELETE FROM pair_right WHERE rowid = (SELECT min(rowid) FROM pair_right)")
    else:
        for table in ("pair_left", "pair_right"):
            file.execute(f"ALTER TABLE {table} ADD COLUMN more_{uuid.uuid4().hex} TEXT DEFAULT 'added'")
    states.append(file.execute(STATE).fetchone())
    file.execute("COMMIT")
    longest_seconds = max(longest_seconds, time.perf_counter() - began)


def replaced(file: sqlite3.Connection) -> sqlite3.Connection:
    """Put another file in the live one's place, as a restore or a synchronizing program does."""
    file.close()
    shutil.copyfile(PATH, f"{PATH}.other")
    other = opened(f"{PATH}.other")
    change(other, "insert")
    other.close()
    os.replace(f"{PATH}.other", PATH)  # noqa: PTH105 - a script of plain paths
    return opened(PATH)


def work(stop: threading.Event) -> None:
    """Change the file until told to stop."""
    file = opened(PATH)
    for table in ("pair_left", "pair_right"):
        file.execute(f"CREATE TABLE IF NOT EXISTS {table} (number INTEGER)")
    states.append(file.execute(STATE).fetchone())
    print("ready", flush=True)  # noqa: T201 - said to the test
    while not stop.is_set():
        (act,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if act == "alter" and states[-1][4] >= MOST_COLUMNS:
            continue
        if act == "vacuum":
            file.execute("VACUUM")
        elif act == "replace":
            file = replaced(file)
        else:
            change(file, act)
        acts[act] += 1
        time.sleep(PAUSE_SECONDS)
    file.close()


def wait_for_the_end(stop: threading.Event) -> None:
    """Tell when the input has ended."""
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    ended = threading.Event()
    threading.Thread(target=wait_for_the_end, args=(ended,), daemon=True).start()
    work(ended)
    told = {"longest_ms": round(1000 * longest_seconds, 1), "acts": acts, "states": states}
    print(json.dumps(told))  # noqa: T201 - said to the test
