"""Deleting many rows of a table at once: what would go, and the verb that lets it go.

What lives here: the plan and the writing. What does not: the page that asks (delete_pages.py), undoing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import router, transaction
from django.db.models import CASCADE, SET_NULL, Func, Model, QuerySet, TextField

from synapse.kit.import_export.undo_links import undo_link


@dataclass(frozen=True, slots=True)
class Along:
    """Rows of another table that are touched: they go along, or they stay and lose their reference (`stays`)."""

    model: type[Model]
    column: str
    count: int
    stays: bool


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion takes. `digest` differs as soon as other rows would go, or the same in another state."""

    model: type[Model]
    alias: str
    keys: tuple[Any, ...]
    along: tuple[Along, ...]
    digest: str


class SeenOtherwiseError(Exception):
    """The rows are not those a person has seen, so nothing was deleted."""


def plan_deletion(chosen: "QuerySet[Any]", *, lock: bool = False) -> Deletion:
    """Return what deleting the chosen rows takes. `lock` keeps it so until the transaction ends."""
    model = chosen.model
    alias = router.db_for_write(model)
    # The list's own rows may be joined and ordered, which neither a lock nor a row's version stands.
    rows = _rows(model, alias).filter(pk__in=chosen.using(alias).order_by().values("pk")).order_by("pk")
    # Every writing of a row gives it another transaction's number, or another place within the same one.
    version = Func(template="xmin::text || ctid::text", output_field=TextField())
    found = list((rows.select_for_update() if lock else rows).values_list("pk", version))
    keys = tuple(key for key, _ in found)
    along = tuple(_along(model, alias, keys))
    told = [*found, *((one.model._meta.label, one.column, one.count) for one in along)]
    return Deletion(model, alias, keys, along, sha256(repr(told).encode()).hexdigest())


def delete_rows(chosen: "QuerySet[Any]", *, seen: str, check: Callable[[Deletion], None]) -> tuple[Deletion, str]:
    """Delete the chosen rows in one transaction; return what went and the address of its undo (empty: none).

    `seen` is the digest of what the person was shown. `check` is given what goes and raises to forbid it.
    Raises SeenOtherwiseError, with nothing deleted.
    """
    alias = router.db_for_write(chosen.model)
    with transaction.atomic(using=alias):
        deletion = plan_deletion(chosen, lock=True)
        check(deletion)
        if deletion.digest != seen:
            raise SeenOtherwiseError
        _rows(chosen.model, alias).filter(pk__in=deletion.keys).delete()
        return deletion, undo_link(alias) if deletion.keys else ""


def _rows(model: type[Model], alias: str) -> "QuerySet[Any]":
    return model._base_manager.using(alias)  # noqa: SLF001  # documented; a default manager may hide rows


def _along(model: type[Model], alias: str, keys: tuple[Any, ...]) -> Iterator[Along]:
    for relation in model._meta.related_objects:
        if relation.on_delete not in {CASCADE, SET_NULL}:
            continue
        child: type[Model] = relation.related_model
        rows = _rows(child, alias).filter(**{f"{relation.field.name}__in": keys})
        touched = tuple(rows.values_list("pk", flat=True))
        if not touched:
            continue
        column, stays = str(relation.field.verbose_name), relation.on_delete is SET_NULL
        yield Along(child, column, len(touched), stays)
        if not stays:
            yield from _along(child, alias, touched)
