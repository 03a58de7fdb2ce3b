"""Row locks: keep rows as they are while what a person typed is compared with them and saved.

Locks are taken in the order of keys, so that two transactions that lock the same rows cannot deadlock. Called by the
admin's pages and by the apps' services that read, decide and then write.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import Model


def lock_rows(model: type[Model], alias: str, **lookups: Any) -> list[Any]:
    """Lock the rows until the transaction ends and return their keys; rows that point to them may still be added."""
    manager = model._base_manager  # noqa: SLF001  # documented; a page may list fewer rows than there are
    # FOR NO KEY UPDATE: a plain FOR UPDATE would also block the foreign key checks of rows that refer to these.
    rows = manager.using(alias).select_for_update(no_key=True).filter(**lookups)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def wait_for_imports(model: type[Model], alias: str) -> None:
    """Let a first load of the table finish first, and the next one wait until the transaction ends.

    So with every import or undo that people disturbed so often that it locks the tables. For writers that read, decide
    and then write. Take it before any row lock: whoever waits for a table holds no row that somebody else waits for.
    Other writers are not blocked, nor are imports that lock single rows.
    """
    connection = connections[alias]
    with connection.cursor() as cursor:
        # This mode conflicts with the import's EXCLUSIVE lock of the table, but not with itself.
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(model._meta.db_table)} IN ROW EXCLUSIVE MODE")


def parse_key(model: type[Model], text: Any) -> Any:
    """Return the primary key that a page sent as text, None where it is no such key."""
    try:
        return model._meta.pk.to_python(text)
    except ValidationError:
        return None
