"""Export: rebuild the legacy SQLite files from PostgreSQL alone, cell for cell.

Called by the command export_legacy; the rebuilding itself is legacy_import.rebuild's.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
from django.db import DatabaseError

from legacy_import.errors import TerminalError
from legacy_import.failures import contain_failure, failure_sentence
from legacy_import.mapping import Source
from legacy_import.models import LegacyFile
from legacy_import.rebuild.rebuild import RebuiltFile, rebuild_file

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def export_sources(sources: Sequence[Source], output: Path, *, only_imported: bool = False) -> Iterator[RebuiltFile]:
    """Rebuild each source's file under `output`, at its own path; yield each when it is written.

    With `only_imported`, sources that were never imported are passed over, as long as one is left.
    Raises TerminalError before the first one where a file is in the way or no source was ever imported; after the last
    one where some could not be rebuilt: a line for each, and the files of the others are there.
    """
    try:
        chosen = [
            source
            for source in sources
            if not only_imported or LegacyFile.objects.using(source.database).filter(pk=source.name).exists()
        ]
    except DatabaseError as error:
        raise TerminalError(failure_sentence("export", error)) from error
    if not chosen:
        raise TerminalError("nothing has been imported yet: there is nothing to rebuild (run import_legacy first)")
    # All paths first: nothing is written where one of them is in the way.
    for source in chosen:
        path = output / source.path
        if path.exists():
            raise TerminalError(f"{path} is already there; export into a folder of its own")
    failures = []
    for source in chosen:
        with contain_failure(source.name, source=source.name) as trouble:
            file = rebuild_file(source, output / source.path)
        if trouble:
            failures.append(trouble.sentence)
            _logger.error("source.export_failed", source=source.name, error=trouble.sentence)
        else:
            _logger.info("source.exported", source=source.name, path=file.path, rows=sum(file.rows.values()))
            yield file
    if failures:
        raise TerminalError("\n".join(failures))
