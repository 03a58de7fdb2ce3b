"""An import of the primary that stops itself: STAGE NTH [GO].

At the nth entry into the stage the process kills itself, as kill -9 does; with GO it says "stopped" and stands still
until a file of that name is there. The stage "block" is entered with each block of rows, in the middle of a COPY.
"""

import os
import signal
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()

from django.conf import settings  # noqa: E402 - Django is set up by now

from legacy_import.pipeline.progress import Progress, StageName  # noqa: E402
from legacy_import.services import ImportRequest, import_source  # noqa: E402
from legacy_import.sources import source_named  # noqa: E402


class StoppingProgress(Progress):
    """Stops the process at the nth entry into a stage."""

    def __init__(self, stage: str, nth: int, go: str = "") -> None:
        self._stage_held_rows = stage
        self._left = nth
        self._go = Path(go) if go else None

    def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:  # noqa: ARG002 - the listener's signature
        """Count the entries into the stage, and stop at the last."""
        self._count(stage)

    def advance_rows(self, rows: int) -> None:  # noqa: ARG002 - the listener's signature
        """Count the blocks that are on their way in a COPY."""
        self._count("block")

    def _count(self, stage: str) -> None:
        self._left -= stage == self._stage_held_rows
        if self._left or stage != self._stage_held_rows:
            return
        if self._go is None:
            os.kill(os.getpid(), signal.SIGKILL)
        print("stopped", flush=True)  # noqa: T201 - said to the test
        while self._go and not self._go.exists():
            time.sleep(0.02)


if __name__ == "__main__":
    stopping = StoppingProgress(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
    request = ImportRequest(legacy_dir=settings.LEGACY_DIR, requested_by="a fault test")
    report = import_source(source_named("primary"), request, progress=stopping)
    sys.exit(report.error)
