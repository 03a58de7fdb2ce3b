"""The groups of the quarantine: rows of one table that were refused for one reason.

What lives here: counting and naming them, from the reasons the ledger keeps. What does not: their rows
(rows), the pages (desk).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connections

from legacy_import.admin.legacy_tables import legacy_tables

_SAMPLES: Final = 3

# Named tables lead the ledger's index: the state alone would mean reading all of it.
_WAITING: Final = """
    SELECT l.source, l.legacy_table, l.reasons, l.run_id
    FROM unnest(%(sources)s::text[], %(tables)s::text[]) AS known(source, name)
    JOIN ledger AS l ON (l.source, l.legacy_table, l.state) = (known.source, known.name, 'quarantined')
"""

_GROUPS: Final = f"""
    SELECT w.source, w.legacy_table, (reason ->> 'column') COLLATE "C", (reason ->> 'expected') COLLATE "C", count(*),
        (array_agg(DISTINCT (reason ->> 'found') COLLATE "C"))[1:{_SAMPLES}], min(r.started_at)
    FROM ({_WAITING}) AS w
    CROSS JOIN LATERAL jsonb_array_elements(w.reasons) AS reason
    LEFT JOIN import_run AS r ON r.id = w.run_id
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 5 DESC, 3, 4
"""

_OF_GROUP: Final = """
    source = %(source)s AND legacy_table = %(table)s AND state = 'quarantined' AND reasons @> %(reason)s::jsonb
"""


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What the rows of a group share: their table, and what was expected of which column (or columns, joined)."""

    source: str
    table: str
    column: str
    expected: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The legacy columns that are blamed."""
        return tuple(filter(None, self.column.split(", ")))

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of a query for the group's rows."""
        reason = json.dumps([{"column": self.column, "expected": self.expected}])
        return {"source": self.source, "table": self.table, "reason": reason}


@dataclass(frozen=True, slots=True)
class Group:
    """A group: how many rows wait, some of the cells as found (exact, cut), and the start of the run that found most.

    `since` is the oldest; None where no run is remembered.
    """

    key: GroupKey
    rows: int
    samples: tuple[str | None, ...]
    since: datetime | None


def waiting_groups(alias: str) -> list[Group]:
    """Return the database's groups by source and table, the largest first; a row with two reasons is in two of them."""
    found = _fetch(alias, _GROUPS, _known_tables(alias))
    return [
        Group(GroupKey(source, table, column, expected), rows, tuple(samples), since)
        for source, table, column, expected, rows, samples, since in found
    ]


def count_waiting(alias: str) -> int:
    """Return how many rows of the database are in quarantine."""
    rows: int = _fetch(alias, f"SELECT count(*) FROM ({_WAITING}) AS w", _known_tables(alias))[0][0]
    return rows


def count_rows(alias: str, group: GroupKey) -> int:
    """Return how many rows of the group wait."""
    rows: int = _fetch(alias, f"SELECT count(*) FROM ledger WHERE {_OF_GROUP}", group.parameters)[0][0]
    return rows


def ids_of_page(alias: str, group: GroupKey, *, start: int, most: int) -> list[UUID]:
    """Return the ids of the group's rows from `start` (0 is the first) on, in the order of the file."""
    statement = f"SELECT id FROM ledger WHERE {_OF_GROUP} ORDER BY row_id, id OFFSET {int(start)} LIMIT {int(most)}"
    return [ledger_id for (ledger_id,) in _fetch(alias, statement, group.parameters)]


def _known_tables(alias: str) -> dict[str, list[str]]:
    known = [(source, table.name) for source, table in legacy_tables(alias)]
    return {"sources": [source for source, _ in known], "tables": [name for _, name in known]}


def _fetch(alias: str, statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
