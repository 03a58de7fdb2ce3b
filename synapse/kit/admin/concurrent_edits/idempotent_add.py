"""A form for a new row, sent twice, adds one row.

What lives here: the key that the form carries, by which its second arrival is known. What does not: existing rows;
saving those twice changes nothing (watched_fields.py).

The new row's key is made of the form's key, of who sends it and of what was typed. So the same form sent twice names
the same row; after Back, other words make another row; and a key somebody picked names no row that was not made so.
"""

import json
import uuid
from typing import Final

from django.db import connections
from django.db.models import Model, UUIDField
from django.http import HttpRequest

from synapse.kit.admin.concurrent_edits.row_locks import key_of

ROW_KEY: Final = "_row_key"
"""The name under which the form sends its key."""

_NOT_TYPED: Final = frozenset({ROW_KEY, "csrfmiddlewaretoken", "_save", "_addanother", "_continue"})
"""What the form sends besides what was typed; whichever button sends it, it is the same row."""


def key_for_form(request: HttpRequest, model: type[Model]) -> str:
    """Return the key the form is to carry: the one it was sent with, else a new one; empty where keys are no UUIDs."""
    if not isinstance(model._meta.pk, UUIDField):
        return ""
    return str(_sent_key(request, model) or uuid.uuid4())


def new_row_key(request: HttpRequest, model: type[Model]) -> uuid.UUID | None:
    """Return the key of the row that this form adds, None where the form carries no key."""
    form_key = _sent_key(request, model)
    if form_key is None:
        return None
    typed = sorted((name, texts) for name, texts in request.POST.lists() if name not in _NOT_TYPED)
    return uuid.uuid5(form_key, json.dumps([str(request.user.pk), typed]))


def give_new_row_key(request: HttpRequest, row: Model) -> None:
    """Have the new row saved under the key that its form stands for."""
    key = new_row_key(request, type(row))
    if key is not None:
        row.pk = key


def row_added_before(model: type[Model], key: uuid.UUID, alias: str) -> Model | None:
    """Return the row that this form added already; until the transaction ends nobody else adds one with the key."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])
    manager = model._base_manager  # noqa: SLF001  # documented; a page may list fewer rows than there are
    return manager.using(alias).filter(pk=key).first()


def _sent_key(request: HttpRequest, model: type[Model]) -> uuid.UUID | None:
    text = request.POST.get(ROW_KEY)
    key: uuid.UUID | None = key_of(model, text) if text and isinstance(model._meta.pk, UUIDField) else None
    return key
