"""Fixes of quarantined cells (`desk/`): the value a person put in a legacy cell's place is a signed difference.

It reads the settlements that still hold; `integrity`, `clocks` and `pipeline_value` ask for them.
"""

from dataclasses import dataclass
from uuid import UUID

from legacy_import.cell_display import format_cell, format_key
from legacy_import.models import LedgerRow, Settlement
from legacy_import.validation.differences import Difference

_MAX_SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Fixes:
    """A source's fixes that hold and whose rows landed, by the ledger's id; for `merged` ones another row stands."""

    by_row: dict[UUID, Settlement]
    merged: frozenset[UUID] = frozenset()

    def find_fix(self, ledger_id: UUID, column: str) -> Settlement | None:
        """Return the fix that gave the row this legacy column's value, None where none did."""
        fix = self.by_row.get(ledger_id)
        return fix if fix and column in (fix.cells or {}) else None

    def list_differences(self, table: str) -> list[Difference]:
        """Return a difference for each fixed cell of a legacy table."""
        return [
            Difference(
                "fixed here",
                table,
                format_key(fix.key),
                column,
                _format_cell(cell),
                _format_cell(fix.original.get(column)),
                fix.settled_by,
            )
            for fix in self.by_row.values()
            if fix.legacy_table == table
            for column, cell in (fix.cells or {}).items()
        ]


def find_fixes(alias: str, source: str) -> Fixes:
    """Return the source's fixes that hold and whose rows stand in their tables."""
    settlements = Settlement.objects.using(alias).filter(source=source, kind=Settlement.Kind.FIX, withdrawn_at=None)
    fixes = {fix.ledger_id: fix for fix in settlements.order_by("legacy_table", "key")}
    landed = [LedgerRow.State.LIVE, LedgerRow.State.MERGED]
    rows = LedgerRow.objects.using(alias).filter(pk__in=fixes, state__in=landed)
    held = []
    for row in rows.order_by("legacy_table", "key"):
        fix, kept = fixes[row.pk], row.cells or {}
        # Once the legacy row changes, its fix is history: the ledger keeps other cells than those that were fixed.
        if all(kept.get(column) == fix.original.get(column) for column in fix.cells or {}):
            held.append(row)
    merged = frozenset(row.pk for row in held if row.state == LedgerRow.State.MERGED)
    return Fixes({row.pk: fixes[row.pk] for row in held}, merged)


def _format_cell(exact: str | None) -> str | None:
    return None if exact is None else format_cell(exact, longest=_MAX_SHOWN_LENGTH).text
