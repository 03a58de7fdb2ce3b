"""Export: rebuild the legacy SQLite files from PostgreSQL alone, cell for cell.

Called by the command export_legacy; the rebuilding itself is legacy_import.rebuild's.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import DatabaseError

from legacy_import.errors import TerminalError
from legacy_import.failures import failure_sentence
from legacy_import.mapping import Source
from legacy_import.models import LegacyFile
from legacy_import.rebuild.rebuild import RebuiltFile, rebuild_file


def export_sources(sources: Sequence[Source], output: Path, *, only_imported: bool = False) -> Iterator[RebuiltFile]:
    """Rebuild each source's file under `output`, at its own path; yield each when it is written.

    With `only_imported`, sources that were never imported are passed over, as long as one is left.
    Raises TerminalError where a file is in the way, a source was never imported, or none was. Then none of the files
    is left: a folder that holds some of them could be taken for whole, and would be in the next export's way.
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
    written: list[Path] = []
    try:
        for source in chosen:
            try:
                file = rebuild_file(source, output / source.path)
            except (DatabaseError, sqlite3.Error, OSError) as error:
                raise TerminalError(failure_sentence(source.name, error)) from error
            written.append(file.path)
            yield file
    except TerminalError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
