"""kill -9 at every line of a dump: what is listed as whole is sound, and the next dump sweeps up."""

import json
import subprocess
import sys

import pytest

from legacy_import.backups.checking import check_backup
from legacy_import.backups.dumps.client import database_name
from legacy_import.backups.dumps.kind import DUMPS
from tests.factories import make_post
from tests.integration.legacy_import.backups.dumps.ground import DumpGround

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

KILLING = """
import json, os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from django.conf import settings
from legacy_import.backups.catalogue import read_catalogue
from legacy_import.backups.dumps.kind import DUMPS
from legacy_import.backups.dumps.taking import DumpOrder, take_dump
name, directory, every = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
settings.DATABASES["default"]["NAME"] = name

def killed_at(line):
    reached = set()
    def trace(frame, event, argument):
        file = frame.f_code.co_filename
        if all(part not in file for part in ("backups/dumps", "pipeline/snapshot", "durable_files")):
            return None
        place = (file, frame.f_lineno)
        if place not in reached and len(reached) + 1 == line:
            os.kill(os.getpid(), signal.SIGKILL)
        reached.add(place)
        return trace
    pid = os.fork()
    if not pid:
        sys.settrace(trace)
        take_dump(DumpOrder("default", directory, f"line {line}", "a test", datetime.now(UTC)))
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])

line, found = 1, []
while killed_at(line):
    dumps = read_catalogue(DUMPS, name, directory).backups
    mine = [one for one in dumps if one.manifest and one.manifest.reason == f"line {line}"]
    found.append([line, [one.is_whole for one in mine]])
    line += every
print(json.dumps([found, line]))
"""


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.faults), 40])
def test_a_kill_at_any_line_leaves_no_half_dump(dumps: DumpGround, every: int) -> None:
    make_post()

    done = subprocess.run(
        [sys.executable, "-c", KILLING, database_name("default"), dumps.directory(), str(every)],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )

    assert done.returncode == 0, done.stderr
    found, last = json.loads(done.stdout)
    assert last > 100
    assert len(found) == (last - 1) // every
    kept = dumps.catalogue().backups
    assert all(check_backup(DUMPS, dump) is None for dump in kept if dump.is_whole)
    # A manifest whose dump a kill kept from its name is swept by the next one, which the last was.
    assert all(dump.is_whole for dump in kept)
    if every == 1:
        assert [True] in [whole for _, whole in found]
        assert [False] in [whole for _, whole in found]
    assert [path for path in dumps.names() if path.startswith(".")] == []
    assert len(dumps.names()) == 2 * len(kept)
