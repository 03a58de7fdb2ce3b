"""Rows grouped by a column, few enough for a chart: the top groups, and all others as one.

Counts, sums, and the lookups that find a group's rows again, of which the pages make bars and links.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, QuerySet, Sum

from synapse.foundation.text.visible import visible

MAX_GROUPS: Final = 12
"""How many groups a person can compare at a glance."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that `lookups` find among the rows asked for, their number and the sums of their columns.

    A sum is None where no row has a value.
    """

    label: str
    rows: int
    sums: Mapping[str, int | Decimal | None]
    lookups: Mapping[str, Any]


def largest_groups(
    rows: QuerySet[Any], column: str, *, sums: Sequence[str] = (), max_groups: int = MAX_GROUPS
) -> list[Group]:
    """Return the rows grouped by a text column's values, the largest group first, all beyond `max_groups` as one.

    Two queries.
    """
    wanted = {"group_rows": Count("pk"), **{f"sum_{name}": Sum(name) for name in sums}}
    # The sum over all rows, so that the others are what is left of it: no third query.
    whole = rows.order_by().aggregate(**wanted)
    by_value = rows.order_by().values(column).annotate(**wanted).order_by("-group_rows", column)
    # One more than is shown says whether there are others.
    found = list(by_value[: max_groups + 1])
    shown = [_make_group(column, line, sums) for line in found[:max_groups]]
    if not found[max_groups:]:
        return shown
    return [*shown, _make_group_of_others(column, [line[column] for line in found[:max_groups]], whole, shown)]


def _make_group(column: str, line: Mapping[str, Any], sums: Sequence[str]) -> Group:
    value = line[column]
    lookups = {f"{column}__isnull": True} if value is None else {f"{column}__exact": value}
    return Group(_group_label(value), line["group_rows"], {name: line[f"sum_{name}"] for name in sums}, lookups)


def _make_group_of_others(
    column: str, shown_values: Sequence[str | None], whole: Mapping[str, Any], shown: Sequence[Group]
) -> Group:
    values = [value for value in shown_values if value is not None]
    lookups: dict[str, Any] = {f"{column}__not_among": values}
    if None in shown_values:
        lookups[f"{column}__isnull"] = False
    names = shown[0].sums
    sums = {name: _subtract_parts(whole[f"sum_{name}"], [group.sums[name] for group in shown]) for name in names}
    return Group("all others", whole["group_rows"] - sum(group.rows for group in shown), sums, lookups)


def _subtract_parts(whole: int | Decimal | None, parts: Sequence[int | Decimal | None]) -> int | Decimal | None:
    return None if whole is None else whole - sum(part for part in parts if part is not None)


def _group_label(value: str | None) -> str:
    if value is None:
        return "(none)"
    return visible(value) if value.strip() else "(empty)"
