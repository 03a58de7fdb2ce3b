"""kill -9 at every line of a restore: the live file is the old or the new one, whole; the next restore works."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.legacy_import.backups.folders import NOW, Ground, days_ago
from tests.integration.legacy_import.backups.snapshots.test_replacing import ADD_POST, set_mode
from tests.legacy_files import change

KILLING = """
import json, os, shutil, signal, sqlite3, sys
from datetime import datetime
from pathlib import Path
from legacy_import.backups.catalogue import read_catalogue
from legacy_import.backups.snapshots.kind import SNAPSHOTS
from legacy_import.backups.snapshots.live_place import LivePlace
from legacy_import.backups.snapshots.replacing import replace_live_file
legacy, backups, name, now = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], datetime.fromisoformat(sys.argv[4])
top = legacy.parent

def restore(folder):
    directory = folder / "backups"
    snapshot = read_catalogue(SNAPSHOTS, "primary", directory).backups[-1]
    live = LivePlace(folder / "legacy", name)
    replace_live_file(snapshot, live, directory=directory, lock_timeout_seconds=1, now=now)

def killed_at(line, folder):
    reached = set()
    def trace(frame, event, argument):
        name = frame.f_code.co_filename
        if "legacy_import/backups" not in name and "durable_files" not in name:
            return None
        place = (name, frame.f_lineno)
        if place not in reached and len(reached) + 1 == line:
            os.kill(os.getpid(), signal.SIGKILL)
        reached.add(place)
        return trace
    pid = os.fork()
    if not pid:
        sys.settrace(trace)
        restore(folder)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])

def count(path):
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
    (posts,) = connection.execute("SELECT count(*) FROM linkedin_posts").fetchone()
    connection.close()
    return posts

found, every = [], int(sys.argv[5])

def kill_and_restore(line):
    folder = top / "killed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(legacy, folder / "legacy")
    shutil.copytree(backups, folder / "backups")
    if not killed_at(line, folder):
        return False
    kept = [count(one.path) for one in read_catalogue(SNAPSHOTS, "", folder / "backups").backups if one.path.is_file()]
    after_kill = count(folder / "legacy" / name)
    restore(folder)
    left = [path.name for path in (folder / "legacy").iterdir() if "restoring" in path.name or "-" in path.name]
    found.append([after_kill, max(kept), count(folder / "legacy" / name), left])
    return True

line = 1
while kill_and_restore(line):
    line += every
# The last line of all, too: only the few after the rename leave the new file.
for last in range(line - 1, line - every, -1):
    if kill_and_restore(last):
        break
print(json.dumps(found))
"""


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.faults), 12])
def test_a_kill_at_any_line_loses_nothing(ground: Ground, tmp_path: Path, mode: str, every: int) -> None:
    set_mode(ground.live, mode)
    ground.take(days_ago(1))
    change(ground.live, ADD_POST)
    small = tmp_path / "small" / "legacy"
    small.mkdir(parents=True)
    ground.live.rename(small / ground.live.name)

    done = subprocess.run(
        [sys.executable, "-c", KILLING, small, ground.directory, ground.live.name, NOW.isoformat(), str(every)],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {after_kill for after_kill, *_ in found} == {7, 8}
    assert all(after_kill == 8 or kept == 8 for after_kill, kept, *_ in found)
    assert all([finally_, left] == [7, []] for _, _, finally_, left in found)
