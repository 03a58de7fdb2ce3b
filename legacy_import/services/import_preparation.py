"""Prepare an import before its transaction: check the room on the disks, dump the database before a first import.

Called by importing and syncing; the dump itself is taken by dumps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

from django.conf import settings
from django.db import connections

from legacy_import.errors import LegacyImportError, TerminalError
from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.pipeline.quoting import identifier
from legacy_import.pipeline.snapshot.disk_space import require_import_space
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.services.dumps import dump_before_change
from legacy_import.sources import sources_of_database


@dataclass(slots=True)
class ImportPreparation:
    """Prepares the imports of sources that are imported together.

    Each database is dumped once, before the first source that was never imported, as the batch found it: what earlier
    imports of the same batch brought can be undone one by one. An empty database needs no dump: there is nothing in it
    to lose, and the 13 files' first import need not wait for ten of them.
    """

    sources: Sequence[Source]
    _is_worth_dumping: dict[str, bool] = field(default_factory=dict)

    def prepare_import(self, source: Source, *, legacy_dir: Path, requested_by: str, dry_run: bool) -> None:
        """Raise LegacyImportError where the source's import must not begin; call it outside any transaction."""
        first = is_first_import(source)
        live = legacy_dir / source.path
        snapshots = Path(gettempdir()) if dry_run else settings.BACKUP_DIR / source.snapshot_folder
        require_import_space(source.database, live, snapshots, who=source.name, first=first)
        if settings.DUMP_BEFORE_IMPORT and not dry_run:
            self._dump_before_first_import(source, requested_by, first=first)

    def _dump_before_first_import(self, source: Source, requested_by: str, *, first: bool) -> None:
        alias = source.database
        # Asked before the batch's first import into the database, first or not: later ones find what that one brought.
        if alias not in self._is_worth_dumping:
            self._is_worth_dumping[alias] = holds_any_row(alias)
        if not first or not self._is_worth_dumping[alias]:
            return
        names = ", ".join(one.name for one in self.sources if one.database == alias and is_first_import(one))
        try:
            dump_before_change(alias, f"first import of {names}", requested_by)
        except LegacyImportError as error:
            raise TerminalError(
                f"{source.name} was not imported, nothing was begun: its database is dumped before a first import,"
                f" and that failed: {error} SYNAPSE_DUMP_BEFORE_IMPORT=false imports without a dump."
            ) from error
        self._is_worth_dumping[alias] = False


def is_first_import(source: Source) -> bool:
    """Say whether the database holds no finished import of the source; one that was undone left nothing."""
    runs = ImportRun.objects.using(source.database)
    return not runs.filter(source=source.name, kind=ImportRun.Kind.IMPORT, status__in=ImportRun.FINISHED).exists()


def holds_any_row(alias: str) -> bool:
    """Say whether the database holds a business row or a row of the ledger."""
    tables = {target_table_of(table.model).name for source in sources_of_database(alias) for table in source.tables}
    found = " OR ".join(f"EXISTS (SELECT FROM {identifier(table)})" for table in (*sorted(tables), "ledger"))
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {found}")
        held: bool = cursor.fetchone()[0]
    return held
