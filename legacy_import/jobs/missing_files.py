"""What jobs that read the legacy files do where there are none.

What lives here: that a lost folder needs a person. What does not: telling it apart
(legacy_import.services.legacy_folder).
"""

from pathlib import Path

from legacy_import.errors import TerminalError
from legacy_import.services import why_nothing_to_read
from synapse.kit.jobs.errors import NeedsPersonError


def reason_for_silence(legacy_dir: Path) -> str:
    """Return why there is rightly nothing to read, empty where there is; raises NeedsPersonError where it is lost."""
    try:
        return why_nothing_to_read(legacy_dir)
    except TerminalError as error:
        raise NeedsPersonError(str(error)) from error
