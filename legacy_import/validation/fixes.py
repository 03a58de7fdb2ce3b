"""What the quarantine desk put in a cell's place: differences that somebody signed.

What lives here: reading the settlements that hold. What does not: making them (the quarantine desk).
"""

from dataclasses import dataclass
from uuid import UUID

from legacy_import.cell_words import show_cell, show_key
from legacy_import.models import LedgerRow, Settlement
from legacy_import.validation.differences import Difference

_SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Fixes:
    """A source's fixes that hold and whose rows landed, by the ledger's id; for `merged` ones another row stands."""

    by_row: dict[UUID, Settlement]
    merged: frozenset[UUID] = frozenset()

    def of(self, ledger_id: UUID, column: str) -> Settlement | None:
        """Return the fix that gave the row this legacy column's value, None where none did."""
        fix = self.by_row.get(ledger_id)
        return fix if fix and column in (fix.cells or {}) else None

    def differences(self, table: str) -> list[Difference]:
        """Return a difference for each fixed cell of a legacy table."""
        return [
            Difference(
                "fixed here",
                table,
                show_key(fix.key),
                column,
                _shown(cell),
                _shown(fix.original.get(column)),
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
    held = [row for row in rows.order_by("legacy_table", "key") if _holds(fixes[row.pk], row)]
    merged = frozenset(row.pk for row in held if row.state == LedgerRow.State.MERGED)
    return Fixes({row.pk: fixes[row.pk] for row in held}, merged)


def _holds(fix: Settlement, row: LedgerRow) -> bool:
    """Say whether the ledger still keeps the cells that were fixed; once the legacy row changes, a fix is history."""
    kept = row.cells or {}
    return all(kept.get(column) == fix.original.get(column) for column in fix.cells or {})


def _shown(exact: str | None) -> str | None:
    return None if exact is None else show_cell(exact, longest=_SHOWN_LENGTH).text
