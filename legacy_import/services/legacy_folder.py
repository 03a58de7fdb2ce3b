"""Tell apart whether the folder of legacy files is there, was switched off by a person, or is lost.

Called by the jobs that read the files (legacy_import.jobs.missing_files) and by syncing.
"""

from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from legacy_import.errors import TerminalError
from legacy_import.models import ImportRun, SourceSync
from legacy_import.pipeline.snapshot.live_file import is_present_or_unreadable
from legacy_import.source_decisions import withdrawn_sources
from legacy_import.sources import SOURCES
from synapse.foundation.databases import ALIASES, BUSINESS_CORE

LANDED_STATUSES: Final = (*ImportRun.FINISHED, ImportRun.Status.UNDONE)
"""The statuses of imports that were committed once, also where they were undone since."""


def explain_missing_files(legacy_dir: Path) -> str:
    """Return why nothing can come from the legacy side, and rightly so; empty where its folder holds declared files.

    Raises TerminalError where imports have landed and the folder is gone, or holds none of the files any more.
    """
    if not settings.LEGACY_IS_ALIVE:
        return "The legacy side is switched off (LEGACY_IS_ALIVE=off)"
    withdrawn = withdrawn_sources()
    awaited = [source for source in SOURCES if source.name not in withdrawn]
    if not awaited:
        return "Every source is withdrawn"
    if any(is_present_or_unreadable(legacy_dir / source.path) for source in awaited):
        return ""
    imports = [ImportRun.objects.using(alias).filter(kind=ImportRun.Kind.IMPORT) for alias in ALIASES]
    ends = [runs.filter(status__in=LANDED_STATUSES).aggregate(at=Max("finished_at"))["at"] for runs in imports]
    if not any(ends):
        return f"No legacy files in {legacy_dir}"
    # When PostgreSQL was last in step with any file: an import, or a look that found a file unchanged.
    looks = SourceSync.objects.using(BUSINESS_CORE).aggregate(at=Max("in_step_at"))["at"]
    seen_at = max(at for at in (*ends, looks) if at)
    raise TerminalError(
        f"The folder {legacy_dir} is gone or holds none of the files it held at"
        f" {timezone.localtime(seen_at):%Y-%m-%d %H:%M}: bring it back, or set LEGACY_IS_ALIVE=off where the legacy"
        " scripts were switched off for good."
    )
