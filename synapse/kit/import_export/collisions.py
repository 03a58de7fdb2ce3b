"""Rows of a file that would collide, with each other or with rows of the table.

What lives here: the same row twice, and unique columns. What does not: any other rule.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model

from synapse.kit.import_export.columns import path_to, unique_columns
from synapse.kit.import_export.plans import Problem, RowPlan

Claim = tuple[RowPlan, dict[str, Any]]
"""A row's plan and the values it would have, by column."""


def find_collisions(model: type[Model], alias: str, claims: Sequence[Claim]) -> None:
    """Add a problem to each row that another one, here or in the table, keeps from being written."""
    good = [claim for claim in claims if not claim[0].problems]
    _same_row_twice(good)
    for columns in unique_columns(model):
        _unique_twice(good, columns)
        _unique_in_table(model, alias, good, columns)


def _same_row_twice(claims: Iterable[Claim]) -> None:
    first: dict[Any, int] = {}
    for plan, _ in claims:
        if plan.pk is not None and (number := first.setdefault(plan.pk, plan.number)) != plan.number:
            _refuse(plan, "", f"a row of its own, but row {number} is the same one", "Keep one of the two.")


def _unique_twice(claims: Iterable[Claim], columns: tuple[str, ...]) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for plan, values in claims:
        claimed = tuple(values.get(name) for name in columns)
        if None in claimed or plan.problems:
            continue
        if (number := first.setdefault(claimed, plan.number)) != plan.number:
            _refuse(plan, _joined(columns), f"a value that row {number} doesn't have as well", "Keep one of the two.")


def _unique_in_table(model: type[Model], alias: str, claims: Iterable[Claim], columns: tuple[str, ...]) -> None:
    writing = [
        (plan, tuple(values.get(name) for name in columns)) for plan, values in claims if _may_collide(plan, columns)
    ]
    wanted = [(plan, claimed) for plan, claimed in writing if None not in claimed]
    if not wanted:
        return
    paths = [path_to(model._meta.get_field(name)) for name in columns]
    chosen = {f"{path}__in": {claimed[place] for _, claimed in wanted} for place, path in enumerate(paths)}
    rows = model._base_manager.using(alias).filter(**chosen).values_list("pk", *paths)  # noqa: SLF001  # public in all but name
    owners = {tuple(values): pk for pk, *values in rows}
    for plan, claimed in wanted:
        if owners.get(claimed, plan.pk) != plan.pk and not plan.problems:
            expected = f"a value that no other {model._meta.verbose_name} has"
            _refuse(plan, _joined(columns), expected, f"Another row has it: {owners[claimed]}.")


def _may_collide(plan: RowPlan, columns: tuple[str, ...]) -> bool:
    changed = {change.column for change in plan.changes}
    return plan.is_new or not changed.isdisjoint(columns)


def _joined(columns: tuple[str, ...]) -> str:
    return " and ".join(columns)


def _refuse(plan: RowPlan, column: str, expected: str, fix: str) -> None:
    plan.problems.append(Problem(column, expected, fix=fix))
