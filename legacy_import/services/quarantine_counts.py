"""How many legacy rows are in quarantine, per database: for the pages and the health probe."""

from typing import Any, Final

from django.db import connections

from legacy_import.services.legacy_tables import legacy_tables

# The tables are named because they lead the ledger's index: by the state alone all of the ledger would be read.
QUARANTINED_SQL: Final = """
    SELECT l.source, l.legacy_table, l.reasons, l.run_id
    FROM unnest(%(sources)s::text[], %(tables)s::text[]) AS known(source, name)
    JOIN ledger AS l ON (l.source, l.legacy_table, l.state) = (known.source, known.name, 'quarantined')
"""
"""The quarantined rows of the database; its parameters are `known_table_parameters`."""


def count_quarantined_rows(alias: str) -> int:
    """Return how many rows of the database are in quarantine."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({QUARANTINED_SQL}) AS q", known_table_parameters(alias))
        (rows,) = cursor.fetchone()
    return int(rows)


def known_table_parameters(alias: str) -> dict[str, Any]:
    """Return the database's imported legacy tables as the parameters of QUARANTINED_SQL."""
    known = [(source, table.name) for source, table in legacy_tables(alias)]
    return {"sources": [source for source, _ in known], "tables": [name for _, name in known]}
