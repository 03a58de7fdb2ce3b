"""A checkout with invented legacy files, and a real qcluster beside it.

What lives here: starting and ending the cluster, and asking Django in the checkout. What does not: any test.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.checkouts import OWN, Checkout, temporary_checkout

_PRELUDE = """
import json, os, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from django_q.models import Failure, OrmQ, Schedule, Success
from legacy_import.admin.source_overview import source_lines
from legacy_import.jobs import queue_import
from legacy_import.models import ImportRun

runs = ImportRun.objects.using("default")

def wait_for(rows, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        row = rows.first()
        if row is not None:
            return row
        time.sleep(0.02)
    raise SystemExit(f"nothing came: {rows.query}")

def answer(**found):
    print(json.dumps(found, default=str))
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A migrated checkout and its legacy folder."""

    checkout: Checkout
    legacy_dir: Path

    def ask(self, code: str) -> dict[str, Any]:
        """Run the code beside the cluster and return what it answers."""
        completed = self.checkout.run("-c", _PRELUDE + code, LEGACY_DIR=str(self.legacy_dir))
        assert completed.returncode == 0, completed.stderr
        found: dict[str, Any] = json.loads(completed.stdout)
        return found

    @contextmanager
    def cluster(self) -> Iterator["subprocess.Popen[str]"]:
        """Run a qcluster; whatever of it is left at the end is killed."""
        process = self.checkout.start("qcluster", LEGACY_DIR=str(self.legacy_dir))
        try:
            yield process
            assert process.poll() in {None, -signal.SIGKILL}, process.communicate()[1]
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            kill_group(process)
            # Where the test failed, pytest shows what the cluster said.
            sys.stderr.write("".join(process.communicate()))


def kill_group(process: "subprocess.Popen[str]") -> None:
    """Kill a cluster, its workers too."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def temporary_site(*demo_options: str) -> Iterator[Site]:
    """Make a migrated checkout whose legacy folder holds invented files."""
    with temporary_checkout(OWN) as checkout:
        legacy_dir = checkout.var_dir / "legacy"
        for command in (["migrate_all"], ["demo_legacy", str(legacy_dir), *demo_options]):
            completed = checkout.run(*command)
            assert completed.returncode == 0, completed.stderr
        yield Site(checkout, legacy_dir)
