"""An import of the primary that counts its acts on the files of a folder, and kills itself at one: FOLDER NTH.

An act is what Python's audit hook tells of before it is done, as far as it changes the folder: making, writing,
renaming, removing. With NTH 0 the import ends well and says how many there were.
"""

import os
import signal
import sys
from typing import Any, Final

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()

from django.conf import settings  # noqa: E402 - Django is set up by now

from legacy_import.services import ImportRequest, import_source  # noqa: E402
from legacy_import.sources import source_named  # noqa: E402

ACTS: Final = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "sqlite3.connect"}


class StoppingActs:
    """Stops the process before the nth act."""

    def __init__(self, folder: str, nth: int) -> None:
        self._folder = folder
        self._nth = nth
        self.count = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Count the event where it is about a file of the folder."""
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        paths = [os.fsdecode(one) for one in arguments if isinstance(one, str | bytes | os.PathLike)]
        if not (writes or event in ACTS) or not any(self._folder in path for path in paths):
            return
        self.count += 1
        if self.count == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    acts = StoppingActs(sys.argv[1], int(sys.argv[2]))
    sys.addaudithook(acts)
    request = ImportRequest(legacy_dir=settings.LEGACY_DIR, requested_by="a fault test")
    report = import_source(source_named("primary"), request)
    print(acts.count)  # noqa: T201 - said to the test
    sys.exit(report.error)
