"""One import of a source at a time: an advisory lock that lives and dies with the import's transaction."""

import time
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.errors import TransientError
from legacy_import.models import ImportRun
from legacy_import.pipeline.names import identifier, literal
from legacy_import.pipeline.target import target_table
from legacy_import.sources import sources_of_database

_PATIENCE_SECONDS: Final = 3.0
"""How long to wait for the server to notice that a killed import's client is gone."""


def lock_key_sql(source: str) -> str:
    """Return SQL for the advisory lock's key of a source, whose name is SQL itself."""
    return f"hashtextextended('synapse import ' || {source}, 0)"


def take_source_lock(cursor: CursorWrapper, *, source: str, run: str) -> None:
    """Take the source's lock; raises TransientError that says who holds it."""
    key = lock_key_sql(literal(source))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({key})")
        if cursor.fetchone()[0]:
            return
        if time.monotonic() > deadline:
            raise TransientError(_held(cursor.db.alias, source, run))
        time.sleep(0.1)


def lock_targets(cursor: CursorWrapper) -> None:
    """Keep others from writing the database's business tables until the transaction ends; reading goes on."""
    sources = sources_of_database(cursor.db.alias)
    names = sorted({target_table(table.model).name for source in sources for table in source.tables})
    cursor.execute(f"LOCK TABLE {', '.join(map(identifier, names))} IN SHARE ROW EXCLUSIVE MODE")


def _held(alias: str, source: str, run: str) -> str:
    holder = (
        ImportRun.objects.using(alias)
        .filter(source=source, status=ImportRun.Status.RUNNING)
        .exclude(pk=run)
        .order_by("-started_at")
        .first()
    )
    if holder is None:
        return f"{source}: another import of this source is running; try again when it is done"
    return (
        f"{source}: another import of this source is running since {holder.started_at:%Y-%m-%d %H:%M:%S} UTC,"
        f" started by {holder.requested_by or 'nobody named'} (process {holder.process_id} on {holder.host});"
        " try again when it is done"
    )
