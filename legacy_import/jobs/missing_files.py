"""What the jobs that read the legacy files do where there are none: nothing, or ask for a person.

Called by the delta sync and the validation; the cases are told apart by legacy_import.services.legacy_folder.
"""

from pathlib import Path

from legacy_import.errors import TerminalError
from legacy_import.services import explain_missing_files
from synapse.kit.jobs.errors import NeedsPersonError


def missing_files_reason(legacy_dir: Path) -> str:
    """Return why there is rightly nothing to read, empty where there is; raises NeedsPersonError where it is lost."""
    try:
        return explain_missing_files(legacy_dir)
    except TerminalError as error:
        raise NeedsPersonError(str(error)) from error
