"""`updated_at` stamps of rows that are saved one by one.

Changes of many rows are stamped by the services that write them. Not stamped are posts: legacy files fill their
`updated_at`, so that setting it here would set every edited post apart from its file. No file fills that of inquiries
and months. Who changed what, and changes by SQL, are in the change log.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone


class Stamped(models.Model):
    """A row whose `updated_at` follows each save of some of its columns."""

    is_stamped: ClassVar = True
    """Tells imports, which save many rows at once, to set the moment as well."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the row, and with changed columns the moment."""
        changed = None if update_fields is None else list(update_fields)
        if changed:
            vars(self)["updated_at"] = timezone.now()
            changed = [*changed, "updated_at"]
        super().save(*args, update_fields=changed, **kwargs)
