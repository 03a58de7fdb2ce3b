"""A form for a new row, sent twice, adds one row.

What lives here: the key that the form carries, by which its second arrival is known. What does not: existing rows;
saving those twice changes nothing (watched_fields.py).
"""

import uuid
from typing import Any, Final

from django.db import connections
from django.db.models import Model, UUIDField
from django.http import HttpRequest

from synapse.admin_base.row_locks import key_of

ROW_KEY: Final = "_row_key"
"""The name under which the form sends the key that the new row will have."""


def key_for_form(request: HttpRequest, model: type[Model]) -> str:
    """Return the key the form is to carry: the one it was sent with, else a new one; empty where keys are no UUIDs."""
    if not isinstance(model._meta.pk, UUIDField):
        return ""
    return str(sent_key(request, model) or uuid.uuid4())


def sent_key(request: HttpRequest, model: type[Model]) -> Any:
    """Return the key the form was sent with, None where it has none."""
    text = request.POST.get(ROW_KEY)
    return key_of(model, text) if text and isinstance(model._meta.pk, UUIDField) else None


def give_sent_key(request: HttpRequest, row: Model) -> None:
    """Have the new row saved under the key its form was sent with."""
    key = sent_key(request, type(row))
    if key is not None:
        row.pk = key


def row_added_before(model: type[Model], key: Any, alias: str) -> Model | None:
    """Return the row that this form added already; until the transaction ends nobody else adds one with the key."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])
    manager = model._base_manager  # noqa: SLF001  # documented; a page may list fewer rows than there are
    return manager.using(alias).filter(pk=key).first()
