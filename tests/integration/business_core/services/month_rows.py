"""Months in tests: summing them as the job would, and reading what is stored."""

from datetime import UTC, datetime
from typing import Any

from business_core.models import BusinessPipeline
from business_core.querysets.months import COMPUTED, JOB
from business_core.services.months import AggregationResult, aggregate_months
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.models import ChangeLogEntry

NOW = datetime(2025, 9, 1, 6, 20, tzinfo=UTC)
AUGUST = datetime(2025, 8, 19, 17, tzinfo=UTC)
JULY = datetime(2025, 7, 10, 17, tzinfo=UTC)


def summed(*, include_legacy: bool = False, now: datetime = NOW) -> AggregationResult:
    """Sum the months, signed as the job signs."""
    with attribute_changes_to(f"the job {JOB}"):
        return aggregate_months(now=now, include_legacy=include_legacy)


def edit(month: str, /, author: str = "ann", **columns: Any) -> None:
    """Change a month as somebody's edit."""
    with attribute_changes_to(author):
        BusinessPipeline.objects.filter(month=month).update(**columns)


def figures_of(month: str) -> dict[str, Any]:
    """Return a stored month's computed columns that are not 0."""
    row = BusinessPipeline.objects.values(*COMPUTED).get(month=month)
    return {name: value for name, value in row.items() if value}


def newest_change() -> int:
    """Return the newest entry of the change log."""
    return ChangeLogEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
