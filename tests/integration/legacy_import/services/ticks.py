"""One tick of the sync, and what it left: for the tests of it."""

from pathlib import Path

from django.conf import settings

from legacy_import.models import ImportRun, SourceSync
from legacy_import.services import ImportRequest, SyncResult, sync_source
from legacy_import.sources import source_named


def tick(name: str, legacy_dir: Path | None = None) -> SyncResult:
    """Bring one source in step, as the job does."""
    return sync_source(source_named(name), ImportRequest(legacy_dir or settings.LEGACY_DIR, requested_by="a tick"))


def run_count(*aliases: str) -> int:
    """Return how many runs there are in the databases."""
    return sum(ImportRun.objects.using(alias).count() for alias in aliases)


def sync_of(name: str) -> SourceSync:
    """Return what is kept of the source."""
    return SourceSync.objects.get(pk=name)
