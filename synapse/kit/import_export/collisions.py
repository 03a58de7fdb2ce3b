"""Collisions: rows of a file that name the same row twice, or repeat a unique value, in the file or in the table.

Part of the plan; found before the database refuses them, with the row that they collide with.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model

from synapse.kit.import_export.columns import field_lookup_path, unique_column_sets
from synapse.kit.import_export.plans import Problem, RowPlan

Claim = tuple[RowPlan, dict[str, Any]]
"""A row's plan and the values it would have, by column."""


def mark_collisions(model: type[Model], alias: str, claims: Sequence[Claim]) -> None:
    """Add a problem to each row that cannot be written because of another one, in the file or in the table."""
    good = [claim for claim in claims if not claim[0].problems]
    first: dict[Any, int] = {}
    for plan, _ in good:
        if plan.pk is not None and (number := first.setdefault(plan.pk, plan.number)) != plan.number:
            _refuse_row(plan, "", f"a row of its own, but row {number} is the same one", "Keep one of the two.")
    for columns in unique_column_sets(model):
        _refuse_duplicates_in_file(good, columns)
        _refuse_duplicates_in_table(model, alias, good, columns)


def _refuse_duplicates_in_file(claims: Iterable[Claim], columns: tuple[str, ...]) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for plan, values in claims:
        claimed = tuple(values.get(name) for name in columns)
        if None in claimed or plan.problems:
            continue
        if (number := first.setdefault(claimed, plan.number)) != plan.number:
            _refuse_row(
                plan, _join_names(columns), f"a value that row {number} doesn't have as well", "Keep one of the two."
            )


def _refuse_duplicates_in_table(
    model: type[Model], alias: str, claims: Iterable[Claim], columns: tuple[str, ...]
) -> None:
    wanted: list[tuple[RowPlan, tuple[Any, ...]]] = []
    for plan, values in claims:
        changed = {change.column for change in plan.changes}
        claimed = tuple(values.get(name) for name in columns)
        # An unchanged value is the row's own; NULLs are distinct.
        if (plan.is_new or not changed.isdisjoint(columns)) and None not in claimed:
            wanted.append((plan, claimed))
    if not wanted:
        return
    paths = [field_lookup_path(model._meta.get_field(name)) for name in columns]
    # One query: with several columns it finds too many rows, which the owners below sort out.
    chosen = {f"{path}__in": {claimed[place] for _, claimed in wanted} for place, path in enumerate(paths)}
    rows = model._base_manager.using(alias).filter(**chosen).values_list("pk", *paths)  # noqa: SLF001  # public in all but name
    owners = {tuple(values): pk for pk, *values in rows}
    for plan, claimed in wanted:
        if owners.get(claimed, plan.pk) != plan.pk and not plan.problems:
            expected = f"a value that no other {model._meta.verbose_name} has"
            _refuse_row(plan, _join_names(columns), expected, f"Another row has it: {owners[claimed]}.")


def _join_names(columns: tuple[str, ...]) -> str:
    return " and ".join(columns)


def _refuse_row(plan: RowPlan, column: str, expected: str, fix: str) -> None:
    plan.problems.append(Problem(column, expected, fix=fix))
