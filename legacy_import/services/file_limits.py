"""What the legacy files ask for and this SQLite lacks, as of their last imports.

Called by the sync and the page of the sources; an import reports its own.
"""

from legacy_import.models import LegacyFile
from synapse.foundation.databases import ALIASES


def read_file_limits() -> dict[str, tuple[str, ...]]:
    """Return sentences on each source whose file asks for what this SQLite lacks; the others are not in it."""
    limits: dict[str, tuple[str, ...]] = {}
    for alias in ALIASES:
        for source, sentences in LegacyFile.objects.using(alias).values_list("source", "schema__limits"):
            if sentences:
                limits[source] = tuple(sentences)
    return limits
