"""Demonstration data: 13 legacy SQLite files with the figures and the habits of the real ones, all of it invented.

What lives here: the files' schemas (schemas/*.sql), their contents, hostile cells, and writing them atomically.
What does not: reading or importing legacy files. Nothing here needs PostgreSQL.
"""

from legacy_import.demo.hostile import HostileCell, Outcome, plant
from legacy_import.demo.hostile_cells import HOSTILE_CELLS, PRIMARY_CELLS
from legacy_import.demo.write import DemoRefusedError, DemoSummary, write_demo_legacy

__all__ = [
    "HOSTILE_CELLS",
    "PRIMARY_CELLS",
    "DemoRefusedError",
    "DemoSummary",
    "HostileCell",
    "Outcome",
    "plant",
    "write_demo_legacy",
]
