"""Write the 13 demonstration files: which rows go where, validation of the arguments, and the summary.

Called by the command `demo_legacy`.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from legacy_import.demo.build import write_sqlite_file
from legacy_import.demo.bulk import bulk_tables
from legacy_import.demo.clock import EARLIEST, LATEST, Clock
from legacy_import.demo.contents import default_contents
from legacy_import.demo.contents.business import FIRST_POST_ROWID
from legacy_import.demo.files import FILES, LegacyFile
from legacy_import.demo.folder import DemoRefusedError, open_atomic_folder
from legacy_import.demo.hostile import Outcome, cycle_cells, dirty_positions, strip_declared_types, write_hostile_cell
from legacy_import.demo.hostile_cells import PRIMARY_CELLS
from legacy_import.demo.rows import TableRows

__all__ = ["DemoRefusedError", "DemoSummary", "write_demo_legacy"]

_POSTS: Final = "linkedin_posts"
_INQUIRIES: Final = "consultation_inquiries"

OnProgress = Callable[[int], None]
"""Called with how many rows of the primary have been written since the last call."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was written. rows: by source and table, empty tables too. hostile: rows by the name of their cell."""

    directory: Path
    rows: dict[str, dict[str, int]]
    hostile: dict[str, int]

    @property
    def total_rows(self) -> int:
        """Return the rows of all files."""
        return sum(sum(tables.values()) for tables in self.rows.values())

    def count_hostile_rows(self, outcome: Outcome) -> int:
        """Return how many rows hold a hostile cell that must come to that outcome."""
        return sum(self.hostile.get(cell.name, 0) for cell in PRIMARY_CELLS if cell.outcome is outcome)


def write_demo_legacy(  # noqa: PLR0913 - the options of the command, each by name
    directory: Path,
    *,
    rows: int | None,
    dirty: Fraction | float,
    seed: int,
    today: date,
    on_progress: OnProgress | None = None,
) -> DemoSummary:
    """Write 13 legacy files into the directory, which appears whole or not at all.

    rows: how many the primary holds in all; None means the specification's figures. dirty: the share, 0 to 1, of the
    primary's rows that get one hostile cell. Equal arguments give equal files.

    Raises DemoRefusedError where the directory holds files, ValueError where an argument is out of its range.
    """
    if rows is not None and rows < 0:
        raise ValueError(f"The number of rows must not be negative, and {rows} is.")
    if not 0 <= dirty <= 1:
        raise ValueError(f"The dirty share must lie between 0 and 1, and {dirty} does not.")
    if not EARLIEST <= today <= LATEST:
        raise ValueError(f"Today must lie between {EARLIEST} and {LATEST}, and {today} does not.")
    clock = Clock(today, ZoneInfo(settings.LEGACY_TIME_ZONE))
    contents = default_contents(clock, seed=seed)
    if rows is not None:
        contents["primary"] = bulk_tables(clock, seed=seed, rows=rows)
    dirt = _HostileCellWriter(Fraction(str(dirty)))
    with open_atomic_folder(directory) as partial:
        counts = {
            file.source: dirt.write_primary(partial / file.path, file, contents["primary"], on_progress)
            if file.source == "primary"
            else write_sqlite_file(partial / file.path, file, contents[file.source])
            for file in FILES
        }
    return DemoSummary(directory, counts, dict(dirt.planted))


class _HostileCellWriter:
    """Plants the hostile cells and remembers how many of each."""

    def __init__(self, fraction: Fraction) -> None:
        self.fraction = fraction
        self.planted: Counter[str] = Counter()

    def write_primary(
        self, path: Path, file: LegacyFile, tables: list[TableRows], on_progress: OnProgress | None
    ) -> dict[str, int]:
        """Write the primary; with dirt, the few columns that need it lose their declared type."""
        ddl = strip_declared_types(file.read_ddl(), PRIMARY_CELLS) if self.fraction else None
        return write_sqlite_file(path, file, tables, ddl=ddl, finish=self._write_hostile_cells, count_rows=on_progress)

    def _write_hostile_cells(self, connection: sqlite3.Connection) -> None:
        posts, inquiries = (
            connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in (_POSTS, _INQUIRIES)
        )
        cells = {
            name: cycle_cells(cell for cell in PRIMARY_CELLS if cell.table == name) for name in (_POSTS, _INQUIRIES)
        }
        for position in dirty_positions(posts + inquiries, self.fraction):
            table, rowid = (
                (_POSTS, FIRST_POST_ROWID + position) if position < posts else (_INQUIRIES, position - posts + 1)
            )
            cell = next(cells[table])
            write_hostile_cell(connection, cell, rowid=rowid)
            self.planted[cell.name] += 1
