"""The panel of a test's archived assignments, on the page of the A/B test (revenue.admin).

They are found by the test's legacy key, which the ledger knows, in as many queries for one as for a hundred.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from legacy_import.admin.archive.page_values import table_address
from legacy_import.admin.database_pages import ARCHIVED_ROWS, may_view_archive
from legacy_import.admin.variant_keys import SOURCE, find_variants_by_key
from legacy_import.cell_display import format_cell
from legacy_import.models import LedgerRow
from revenue.models import ABTest, ABTestVariant
from synapse.foundation.databases import REVENUE
from synapse.kit.admin.panels import Panel, register_panel

_TABLE: Final = "test_assignments"
_MAX_ASSIGNMENTS: Final = 100
_CURRENT_TIMESTAMP: Final = "%Y-%m-%d %H:%M:%S"
"""As SQLite spells it, in UTC."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One archived assignment. `assigned_at` is a moment, or the legacy text where it is none."""

    variant: str
    post: str
    assigned_at: datetime | str
    page: str


def build_assignments_panel(request: HttpRequest, test: ABTest) -> dict[str, Any] | None:
    """Build the context of the panel, None for a test made here or a person who may not see it."""
    if not may_view_archive(request, REVENUE):
        return None
    owner = _ledger_rows("ab_tests", LedgerRow.State.LIVE).filter(target_key=test.pk, owns=True)
    key = owner.values_list("key", flat=True).first()
    if key is None:
        return None
    archived = _ledger_rows(_TABLE, LedgerRow.State.ARCHIVED).filter(cells__test_id=key)
    rows = archived.order_by("row_id", "id").values_list("id", "cells")[: _MAX_ASSIGNMENTS + 1]
    found = [(row_id, cells or {}) for row_id, cells in rows]
    keys = {cells.get("variant_id") for _, cells in found[:_MAX_ASSIGNMENTS]}
    key_of = {target: key for key, target in find_variants_by_key(key for key in keys if key is not None).items()}
    variants = ABTestVariant.objects.using(REVENUE).filter(pk__in=key_of)
    names: dict[str | None, str] = {key_of[target]: name for target, name in variants.values_list("pk", "variant_name")}
    page = f"admin:legacy_import_{ARCHIVED_ROWS[REVENUE]._meta.model_name}_change"
    assignments = [
        Assignment(
            variant=names.get(cells.get("variant_id")) or format_cell(cells.get("variant_id")).text,
            post=format_cell(cells.get("post_id")).text,
            assigned_at=_parse_assigned_at(cells.get("assigned_at")),
            page=reverse(page, args=[row_id]),
        )
        for row_id, cells in found[:_MAX_ASSIGNMENTS]
    ]
    return {
        "assignments": assignments,
        "most": _MAX_ASSIGNMENTS if len(found) > _MAX_ASSIGNMENTS else None,
        "table": table_address(REVENUE, SOURCE, _TABLE),
    }


def _ledger_rows(table: str, state: LedgerRow.State) -> QuerySet[LedgerRow]:
    return LedgerRow.objects.using(REVENUE).filter(source=SOURCE, legacy_table=table, state=state)


def _parse_assigned_at(exact: str | None) -> datetime | str:
    try:
        return datetime.strptime(exact or "", _CURRENT_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return format_cell(exact).text


register_panel(ABTest, Panel("Assignments (archived)", "admin/legacy_import/assignments.html", build_assignments_panel))
