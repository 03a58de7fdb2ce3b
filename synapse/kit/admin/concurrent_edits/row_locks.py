"""Holding rows still while what a person typed is compared with what they hold.

What lives here: taking the locks, always in the order of keys, and reading the keys a page sends. What does not: the
comparison (watched_fields.py).
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import Model


def lock_rows(model: type[Model], alias: str, **lookups: Any) -> list[Any]:
    """Lock the rows until the transaction ends and return their keys; rows that point to them may still be added."""
    manager = model._base_manager  # noqa: SLF001  # documented; a page may list fewer rows than there are
    rows = manager.using(alias).select_for_update(no_key=True).filter(**lookups)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def wait_for_imports(model: type[Model], alias: str) -> None:
    """Let an import that merges into the table finish first, and the next one wait until the transaction ends.

    For writers that read, think and then write. Take it before any row's lock: a row held while waiting for the table
    is a deadlock with the import. Other writers are not held up.
    """
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(model._meta.db_table)} IN ROW EXCLUSIVE MODE")


def key_of(model: type[Model], text: Any) -> Any:
    """Return the key that a page's text stands for, None where it can be none."""
    try:
        return model._meta.pk.to_python(text)
    except ValidationError:
        return None
