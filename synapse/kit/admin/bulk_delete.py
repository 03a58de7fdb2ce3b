"""Deleting many rows of a table at once: the plan that a person confirms, and the service that carries it out.

Optimistic concurrency: the plan has a fingerprint (`digest`) of the rows and their versions; nothing is deleted where
it differs from the one the person was shown. The page that asks is delete_pages.py, the undo synapse.kit.change_log's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import router, transaction
from django.db.models import CASCADE, SET_NULL, Func, Model, QuerySet, TextField

from synapse.kit.import_export.undo_links import undo_link


@dataclass(frozen=True, slots=True)
class CascadedRows:
    """Rows of another table that a delete touches: deleted along, or kept without their reference (`stays`)."""

    model: type[Model]
    column: str
    count: int
    stays: bool


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What a delete would take. `digest` differs as soon as other rows would go, or the same in another state."""

    model: type[Model]
    alias: str
    keys: tuple[Any, ...]
    cascaded: tuple[CascadedRows, ...]
    digest: str


class RowsChangedError(Exception):
    """The rows are not in the state that the person has seen, so nothing was deleted."""


def plan_deletion(chosen: "QuerySet[Any]", *, lock: bool = False) -> DeletionPlan:
    """Return what deleting the chosen rows takes. `lock` locks them until the transaction ends."""
    model = chosen.model
    alias = router.db_for_write(model)
    # By key, from the table itself: the list's query may join and order, and FOR UPDATE and xmin need plain rows.
    rows = _all_rows(model, alias).filter(pk__in=chosen.using(alias).order_by().values("pk")).order_by("pk")
    # A row version: every write gives the row another xmin, or, within one transaction, another ctid.
    version = Func(template="xmin::text || ctid::text", output_field=TextField())
    found = list((rows.select_for_update() if lock else rows).values_list("pk", version))
    keys = tuple(key for key, _ in found)
    along = tuple(_find_cascaded_rows(model, alias, keys))
    shown = [*found, *((one.model._meta.label, one.column, one.count) for one in along)]
    return DeletionPlan(model, alias, keys, along, sha256(repr(shown).encode()).hexdigest())


def delete_rows(
    chosen: "QuerySet[Any]", *, seen: str, check: Callable[[DeletionPlan], None]
) -> tuple[DeletionPlan, str]:
    """Delete the chosen rows in one transaction; return what was deleted and the address of its undo (empty: none).

    `seen` is the digest of what the person was shown. `check` is given what goes and raises to forbid it.
    Raises StaleSelectionError, with nothing deleted.
    """
    alias = router.db_for_write(chosen.model)
    with transaction.atomic(using=alias):
        deletion = plan_deletion(chosen, lock=True)
        check(deletion)
        if deletion.digest != seen:
            raise RowsChangedError
        _all_rows(chosen.model, alias).filter(pk__in=deletion.keys).delete()
        return deletion, undo_link(alias) if deletion.keys else ""


def _all_rows(model: type[Model], alias: str) -> "QuerySet[Any]":
    return model._base_manager.using(alias)  # noqa: SLF001  # documented; a default manager may hide rows


def _find_cascaded_rows(model: type[Model], alias: str, keys: tuple[Any, ...]) -> Iterator[CascadedRows]:
    for relation in model._meta.related_objects:
        # The other kinds, PROTECT for one, touch no rows of the child.
        if relation.on_delete not in {CASCADE, SET_NULL}:
            continue
        child: type[Model] = relation.related_model
        rows = _all_rows(child, alias).filter(**{f"{relation.field.name}__in": keys})
        touched = tuple(rows.values_list("pk", flat=True))
        if not touched:
            continue
        column, stays = str(relation.field.verbose_name), relation.on_delete is SET_NULL
        yield CascadedRows(child, column, len(touched), stays)
        if not stays:
            yield from _find_cascaded_rows(child, alias, touched)
