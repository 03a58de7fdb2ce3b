"""Demonstration data: 13 legacy SQLite files with the figures and the habits of the real ones, all of it invented.

The files' schemas are in schemas/*.sql, their rows in `contents` and `bulk`, cells that break naive importers in
`hostile_cells`; `write` writes them atomically. Nothing here needs PostgreSQL.
"""

from legacy_import.demo.hostile import HostileCell, Outcome, write_hostile_cell
from legacy_import.demo.hostile_cells import HOSTILE_CELLS, PRIMARY_CELLS
from legacy_import.demo.write import DemoRefusedError, DemoSummary, write_demo_legacy

__all__ = [
    "HOSTILE_CELLS",
    "PRIMARY_CELLS",
    "DemoRefusedError",
    "DemoSummary",
    "HostileCell",
    "Outcome",
    "write_demo_legacy",
    "write_hostile_cell",
]
