"""Read the rows of the quarantine by their ids, as its pages show them; long cells are cut by the database.

Which ids a page shows is groups' to say.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connections

from legacy_import.cell_display import ShownCell, format_cell
from legacy_import.cells import MARK
from legacy_import.models import LedgerRow

_TAG_LENGTH: Final = 3
MAX_READ_LENGTH: Final = _TAG_LENGTH + 4_000
"""Characters of a cell that a page of many rows reads; even beyond the tag, so that no byte in hex is halved."""

_ROWS_SQL: Final = """
    SELECT l.id, l.source, l.legacy_table, l.key, l.state, l.row_id, l.target_table, l.target_key, l.owns,
        md5(coalesce(l.cells::text, '')), r.started_at, coalesce(l.reasons, '[]')::text,
        coalesce((SELECT jsonb_object_agg(cell.key, jsonb_build_array(left(cell.value, %(cut)s), length(cell.value)))
                  FROM jsonb_each_text(l.cells) AS cell), '{}')::text
    FROM ledger AS l LEFT JOIN import_run AS r ON r.id = l.run_id
    WHERE l.id = ANY(%(ids)s::uuid[])
    ORDER BY l.row_id, l.id
"""


@dataclass(frozen=True, slots=True)
class HeldCell:
    """A legacy cell, spelled exactly as far as it was read, and the length of the whole spelling."""

    exact: str | None
    length: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all of it was read."""
        return self.exact is None or len(self.exact) == self.length

    def to_shown_cell(self, longest: int) -> ShownCell:
        """Return the cell as a ShownCell, cut at `longest` characters, with its true size where it was cut."""
        shown = format_cell(self.exact, longest=longest)
        if self.is_whole or self.exact is None:
            return shown
        if self.exact.startswith((f"{MARK}b:", f"{MARK}x:")):
            return replace(shown, remark=f"{(self.length - _TAG_LENGTH) // 2:,} bytes, only the first are shown")
        return replace(shown, remark=f"{self.length:,} characters, only the first are shown")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row of the ledger. `seen` changes with its cells; `since` is None where its run is not remembered."""

    ledger_id: UUID
    source: str
    table: str
    key: str
    state: str
    row_id: int | None
    target_table: str | None
    target_key: UUID | None
    owns: bool
    seen: str
    since: datetime | None
    reasons: Sequence[Mapping[str, Any]]
    cells: Mapping[str, HeldCell]

    @property
    def is_waiting(self) -> bool:
        """Whether the row is in quarantine."""
        return self.state == LedgerRow.State.QUARANTINED

    @property
    def blamed_columns(self) -> dict[str, str]:
        """What was expected of each blamed column that the row has, in the order of the reasons."""
        return {
            name: str(reason["expected"])
            for reason in self.reasons
            for name in str(reason["column"]).split(", ")
            if name in self.cells
        }


def read_rows_by_id(alias: str, ids: Sequence[UUID], *, whole: bool = False) -> list[HeldRow]:
    """Return the rows of these ids, in any state, in the order of their files; `whole` reads long cells too."""
    parameters: dict[str, Any] = {"ids": list(ids), "cut": 2**31 - 1 if whole else MAX_READ_LENGTH}
    with connections[alias].cursor() as cursor:
        cursor.execute(_ROWS_SQL, parameters)
        rows = []
        for *columns, reasons, cells in cursor.fetchall():
            held = {name: HeldCell(exact, length or 0) for name, (exact, length) in json.loads(cells).items()}
            rows.append(HeldRow(*(*columns, json.loads(reasons), held)))
        return rows
