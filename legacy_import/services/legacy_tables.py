"""The legacy tables that a database's imported files have, and the ledger ids of their keys.

A ledger id is a hash of source, table and key, so a row is found by its key without an index on keys.
"""

import hashlib
from uuid import UUID

from legacy_import.cell_display import key_spellings
from legacy_import.models import LegacyFile
from legacy_import.pipeline.quoting import ledger_path
from legacy_import.pipeline.stage.legacy_schema import LegacySchema, LegacyTable


def legacy_tables(alias: str) -> list[tuple[str, LegacyTable]]:
    """Return the database's imported tables, each with its source's name."""
    files = LegacyFile.objects.using(alias).order_by("source")
    return [
        (file.source, table) for file in files for table in LegacySchema.from_json(file.schema, file.pragmas).tables
    ]


def read_legacy_columns(alias: str, source: str, table: str) -> tuple[str, ...]:
    """Return a legacy table's columns as its file has them, empty where its shape is not known."""
    known = (found for name, found in legacy_tables(alias) if (name, found.name) == (source, table))
    return next((found.column_names for found in known), ())


def ledger_ids_of_key(alias: str, key: str) -> list[UUID]:
    """Return the ids that a row of this legacy key has in the ledger, one per table: no index is on the keys."""
    return [
        ledger_id(source, table.name, spelling)
        for source, table in legacy_tables(alias)
        for spelling in key_spellings(key)
    ]


def ledger_id(source: str, table: str, key: str) -> UUID:
    """Return the id in the ledger of a legacy row whose key is spelled so."""
    return UUID(hashlib.md5(f"{ledger_path(source, table)}{key}".encode(), usedforsecurity=False).hexdigest())
