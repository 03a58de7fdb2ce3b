"""A checkout with legacy files, invented or real, and a real qcluster beside it.

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
from tests.legacy_files import copy_of_the_real_files

_PRELUDE = """
import json, os, signal, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from datetime import timedelta
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from legacy_import.admin.source_overview import source_lines
from legacy_import.jobs import queue_import
from legacy_import.models import ImportRun
from synapse.kit.jobs.models import JobRun

runs = ImportRun.objects.using("default")

def wait_for(rows, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        row = rows.first()
        if row is not None:
            return row
        time.sleep(0.02)
    raise SystemExit(f"nothing came: {rows.query}")

def ended(run, seconds=90):
    return wait_for(JobRun.objects.filter(pk=run.pk).exclude(state__in=JobRun.ACTIVE), seconds)

def tick(job):
    # Its schedule is made due; what comes back is the run of that tick.
    known = list(JobRun.objects.filter(job=job).values_list("pk", flat=True))
    due = timezone.now() - timedelta(minutes=1)
    if not Schedule.objects.filter(args=repr((job,))).update(next_run=due):
        raise SystemExit(f"{job} has no schedule")
    return ended(wait_for(JobRun.objects.filter(job=job).exclude(pk__in=known)))

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
def temporary_site(*demo_options: str, real: bool = False) -> Iterator[Site]:
    """Make a migrated checkout whose legacy folder holds invented files, or a copy of the real ones."""
    with temporary_checkout(OWN) as checkout:
        legacy_dir = checkout.var_dir / "legacy"
        checkout.migrate()
        if real:
            copy_of_the_real_files(legacy_dir)
        else:
            completed = checkout.run("demo_legacy", str(legacy_dir), *demo_options)
            assert completed.returncode == 0, completed.stderr
        yield Site(checkout, legacy_dir)
