"""Read the settlements for the quarantine's pages: what was decided about which row, and whether it still holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connections
from django.utils import timezone
from django.utils.formats import date_format

from legacy_import.admin.quarantine.rows import MAX_READ_LENGTH, HeldCell
from legacy_import.cell_display import ShownCell, format_key, visible
from legacy_import.cells import deserialize_cell
from legacy_import.models import Settlement

_MAX_SHOWN_LENGTH: Final = 300

# Of a live row the ledger keeps only what its target does not give back: under a fix that is the file's own cell.
_STANDING_SQL: Final = """
    CASE
        WHEN p.withdrawn_at IS NOT NULL AND EXISTS (
            SELECT FROM settlement AS later
            WHERE later.ledger_id = p.ledger_id AND later.id <> p.id AND later.settled_at >= p.withdrawn_at
        ) THEN 'replaced'
        WHEN p.withdrawn_at IS NOT NULL THEN 'withdrawn'
        WHEN l.id IS NULL OR l.state = 'gone' THEN 'gone'
        WHEN l.state = 'deleted' THEN 'deleted'
        WHEN l.state = 'quarantined' AND l.cells = p.original THEN 'waiting'
        WHEN l.state = 'archived' AND p.kind = 'archive' AND l.cells = p.original THEN 'holds'
        WHEN l.state = 'merged' AND p.kind = 'fix' AND l.cells = p.original THEN 'holds'
        WHEN l.state = 'live' AND p.kind = 'fix' AND NOT EXISTS (
            SELECT FROM jsonb_object_keys(p.cells) AS name
            WHERE NOT coalesce(l.cells ? name, false) OR l.cells -> name IS DISTINCT FROM p.original -> name
        ) THEN 'holds'
        ELSE 'changed'
    END
"""

_DECISIONS_SQL: Final = f"""
    SELECT p.id, p.ledger_id, p.source, p.legacy_table, p.key, p.kind, p.reason, p.settled_by, p.settled_at,
        p.withdrawn_by, p.withdrawn_at, {_STANDING_SQL},
        coalesce((SELECT jsonb_object_agg(name, jsonb_build_array(
                      left(p.original ->> name, {MAX_READ_LENGTH}), length(p.original ->> name),
                      left(p.cells ->> name, {MAX_READ_LENGTH}), length(p.cells ->> name)))
                  FROM jsonb_object_keys(p.cells) AS name), '{{{{}}}}')::text
    FROM (SELECT * FROM settlement WHERE {{chosen}} ORDER BY settled_at DESC, id OFFSET {{start}} LIMIT {{most}}) AS p
    LEFT JOIN ledger AS l ON l.id = p.ledger_id
    ORDER BY p.settled_at DESC, p.id
"""

_STANDING_WORDS: Final = {
    "holds": "holds",
    "waiting": "waits for the next import, which applies it",
    "changed": "does not hold: the legacy row has changed since",
    "gone": "the row is gone from its file",
    "deleted": "the row it made was deleted here",
    "replaced": "replaced by a later decision",
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One fixed cell: as the file has it, and what it is read as."""

    column: str
    found: ShownCell
    read_as: ShownCell


@dataclass(frozen=True, slots=True)
class EarlierFix:
    """What a row's cells were last read as, by column, and by whom in words."""

    readings: Mapping[str, str | None]
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A settlement. `withdrawn_by` is empty and `withdrawn_at` None where nobody took it back.

    Where it stands for its whole step (steps.py), `in_step` and `held_in_step` count that step's decisions.
    """

    id: UUID
    ledger_id: UUID
    source: str
    table: str
    key: str
    kind: str
    reason: str
    settled_by: str
    settled_at: datetime
    withdrawn_by: str
    withdrawn_at: datetime | None
    standing: str
    cells: Mapping[str, tuple[HeldCell, HeldCell]]
    in_step: int = 1
    held_in_step: int = 1

    @property
    def other_decision_count(self) -> int:
        """How many other decisions were made in the same step."""
        return self.in_step - 1

    @property
    def key_text(self) -> str:
        """The row's legacy key, safe to read."""
        return format_key(self.key)

    @property
    def kind_label(self) -> str:
        """What was decided."""
        return str(Settlement.Kind(self.kind).label)

    @property
    def reason_text(self) -> str:
        """Why it was decided, safe to read."""
        return visible(self.reason)

    @property
    def author_name(self) -> str:
        """Who decided it, safe to read."""
        return visible(self.settled_by)

    @property
    def withdrawer_name(self) -> str:
        """Who took it back, safe to read."""
        return visible(self.withdrawn_by)

    @property
    def status_label(self) -> str:
        """Whether it holds, in words."""
        return _STANDING_WORDS[self.standing]

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether there is anything left to take back."""
        return self.withdrawn_at is None

    @property
    def fixed_cells(self) -> list[Reading]:
        """The fixed cells, in the order of their names."""
        return [
            Reading(visible(name), found.to_shown_cell(_MAX_SHOWN_LENGTH), read_as.to_shown_cell(_MAX_SHOWN_LENGTH))
            for name, (found, read_as) in sorted(self.cells.items())
        ]


def count_decisions(alias: str) -> int:
    """Return how many decisions were ever made, also those that hold no more."""
    return Settlement.objects.using(alias).count()


def read_decisions_of_row(alias: str, ledger_id: UUID) -> list[Decision]:
    """Return a row's decisions, the latest first."""
    return select_decisions(alias, "ledger_id = %s", [ledger_id], start=0, most=100)


def read_earlier_fixes(alias: str, ledger_ids: Sequence[UUID]) -> dict[UUID, EarlierFix]:
    """Return the fix of each row of which nobody withdrew one; long readings are left out."""
    standing = "ledger_id = ANY(%s) AND kind = 'fix' AND withdrawn_at IS NULL"
    found = select_decisions(alias, standing, [list(ledger_ids)], start=0, most=len(ledger_ids))
    earlier = {}
    for decision in found:
        readings = {
            name: None if read_as.exact is None else str(deserialize_cell(read_as.exact))
            for name, (_, read_as) in decision.cells.items()
            if read_as.is_whole
        }
        day = date_format(timezone.localtime(decision.settled_at), "j F Y")
        words = f"by {decision.author_name} on {day}: {decision.status_label}"
        earlier[decision.ledger_id] = EarlierFix(readings, words)
    return earlier


def select_decisions(alias: str, chosen: str, parameters: list[Any], *, start: int, most: int) -> list[Decision]:
    """Return the decisions that the SQL condition chooses, the latest first, `start` of them passed over."""
    statement = _DECISIONS_SQL.format(chosen=chosen, start=int(start), most=int(most))
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        decisions = []
        for *columns, cells in cursor.fetchall():
            # Each fixed cell as the file has it, and as it is read.
            pairs = {
                name: (HeldCell(original, original_length or 0), HeldCell(fixed, fixed_length or 0))
                for name, (original, original_length, fixed, fixed_length) in json.loads(cells).items()
            }
            decisions.append(Decision(*(*columns, pairs)))
        return decisions
