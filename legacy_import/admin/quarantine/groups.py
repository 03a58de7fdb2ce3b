"""The groups of the quarantine: rows of one table that were refused for one reason, counted from the ledger's reasons.

A group's digest is its version for optimistic concurrency: it changes with any of its rows or their cells.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connections

from legacy_import.services.quarantine_counts import QUARANTINED_SQL, known_table_parameters

MAX_ROWS_AT_ONCE: Final = 10_000
"""Rows of a group that one step settles, in one transaction; a larger group takes several steps."""
_SAMPLES: Final = 3

_GROUPS_SQL: Final = f"""
    SELECT w.source, w.legacy_table, (reason ->> 'column') COLLATE "C", (reason ->> 'expected') COLLATE "C", count(*),
        (array_agg(DISTINCT (reason ->> 'found') COLLATE "C"))[1:{_SAMPLES}], min(r.started_at)
    FROM ({QUARANTINED_SQL}) AS w
    CROSS JOIN LATERAL jsonb_array_elements(w.reasons) AS reason
    LEFT JOIN import_run AS r ON r.id = w.run_id
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 5 DESC, 3, 4
"""

_OF_GROUP_SQL: Final = """
    source = %(source)s AND legacy_table = %(table)s AND state = 'quarantined' AND reasons @> %(reason)s::jsonb
"""

# One row more than a step settles tells that there are more. Rows that no other reason keeps come first: those that
# are refused again stay in the group, and the next step must not begin with them.
_MARKED_SQL: Final = f"""
    SELECT id, md5(coalesce(cells::text, '')) AS mark FROM ledger WHERE {_OF_GROUP_SQL}
    ORDER BY jsonb_array_length(reasons) > 1, row_id, id LIMIT {MAX_ROWS_AT_ONCE + 1}
"""

_DIGEST_SQL: Final = "md5(coalesce(string_agg(id::text || mark, '' ORDER BY id), ''))"


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What the rows of a group share: their table, and what was expected of which column (or columns, joined)."""

    source: str
    table: str
    column: str
    expected: str

    @property
    def blamed_columns(self) -> tuple[str, ...]:
        """The legacy columns that are blamed."""
        return tuple(filter(None, self.column.split(", ")))

    @property
    def sql_parameters(self) -> dict[str, str]:
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


def read_quarantine_groups(alias: str) -> list[Group]:
    """Return the database's groups by source and table, the largest first; a row with two reasons is in two of them."""
    found = _fetch_rows(alias, _GROUPS_SQL, known_table_parameters(alias))
    return [
        Group(GroupKey(source, table, column, expected), rows, tuple(samples), since)
        for source, table, column, expected, rows, samples, since in found
    ]


def count_group_rows(alias: str, group: GroupKey) -> int:
    """Return how many rows of the group wait."""
    rows: int = _fetch_rows(alias, f"SELECT count(*) FROM ledger WHERE {_OF_GROUP_SQL}", group.sql_parameters)[0][0]
    return rows


def read_page_row_ids(alias: str, group: GroupKey, *, start: int, most: int) -> list[UUID]:
    """Return the ids of the group's rows from `start` (0 is the first) on, in the order of the file."""
    statement = f"SELECT id FROM ledger WHERE {_OF_GROUP_SQL} ORDER BY row_id, id OFFSET {int(start)} LIMIT {int(most)}"
    return [ledger_id for (ledger_id,) in _fetch_rows(alias, statement, group.sql_parameters)]


@dataclass(frozen=True, slots=True)
class GroupState:
    """The group's rows, in the order in which they are settled, each with the mark of its cells.

    `digest` changes with any of them. Of a group of more than MAX_ROWS_AT_ONCE rows there is one row beyond those.
    """

    marks: Mapping[UUID, str]
    digest: str

    @property
    def batch_marks(self) -> dict[UUID, str]:
        """The rows that one step settles."""
        return dict(islice(self.marks.items(), MAX_ROWS_AT_ONCE))

    @property
    def has_more_rows(self) -> bool:
        """Whether the group has rows beyond those."""
        return len(self.marks) > MAX_ROWS_AT_ONCE


def group_digest(alias: str, group: GroupKey) -> str:
    """Return what changes with the group's rows and their cells; of a larger group, with those a request settles."""
    digest: str = _fetch_rows(alias, f"SELECT {_DIGEST_SQL} FROM ({_MARKED_SQL}) AS m", group.sql_parameters)[0][0]
    return digest


def read_group_state(alias: str, group: GroupKey) -> GroupState:
    """Return the group's rows and their digest, both of one moment (one statement)."""
    statement = f"WITH m AS ({_MARKED_SQL}) SELECT m.id, m.mark, (SELECT {_DIGEST_SQL} FROM m) FROM m"
    found = _fetch_rows(alias, statement, group.sql_parameters)
    return GroupState({ledger_id: mark for ledger_id, mark, _ in found}, found[0][2] if found else "")


def _fetch_rows(alias: str, statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
