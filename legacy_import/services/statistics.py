"""The planner's statistics after a run: taken once its transaction is committed, when it holds no row any more.

Called by importing and undoing. Until autovacuum comes by, a full ledger looks small to the planner, which then loops
for minutes.
"""

import logging
from collections.abc import Collection
from functools import partial
from typing import Final

from django.db import DatabaseError, InterfaceError, connections, transaction

from legacy_import.pipeline.quoting import identifier

_LOCK_TIMEOUT: Final = "1s"
"""How long to wait for a table that somebody vacuums or rebuilds: autovacuum comes by anyway."""

_logger = logging.getLogger(__name__)


def analyze_after_commit(alias: str, written: Collection[str]) -> None:
    """Analyze the ledger and the target tables that were written to, once the running transaction is committed."""
    transaction.on_commit(partial(_analyze, alias, ("ledger", *sorted(written))), using=alias)


def _analyze(alias: str, tables: Collection[str]) -> None:
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
            cursor.execute(f"ANALYZE {', '.join(map(identifier, tables))}")
    except (DatabaseError, InterfaceError) as error:
        # What was committed stands, whatever comes of this.
        _logger.warning("The statistics of %s were not taken: %s", alias, str(error).strip().partition("\n")[0])
