"""Idempotent adds: a form for a new row, sent twice, adds one row.

The form carries a random idempotency key. The new row's primary key is a UUID made of that key, of who sends the form
and of what was typed: the same form sent twice (double click, retry, Back and Save) names the same row; after Back,
other words make another row; and a key that somebody picked names no row that was not made so.

Called by concurrent_edit_admin.py. Saving an existing row twice changes nothing anyway: the merge finds nothing to
save.
"""

import json
import uuid
from typing import Final

from django.db import connections
from django.db.models import Model, UUIDField
from django.http import HttpRequest

from synapse.kit.admin.concurrent_edits.row_locks import parse_key

ROW_KEY: Final = "_row_key"
"""The name under which the form sends its idempotency key."""

_NOT_TYPED: Final = frozenset({ROW_KEY, "csrfmiddlewaretoken", "_save", "_addanother", "_continue"})
"""What the form sends besides what was typed; whichever of its buttons is pressed, it is the same row."""


def idempotency_key_for_form(request: HttpRequest, model: type[Model]) -> str:
    """Return the key that the form is to carry: the one it was sent with, else a new one.

    Empty where the model's primary keys are no UUIDs: such a form is not idempotent.
    """
    if not isinstance(model._meta.pk, UUIDField):
        return ""
    return str(_sent_idempotency_key(request, model) or uuid.uuid4())


def new_row_key(request: HttpRequest, model: type[Model]) -> uuid.UUID | None:
    """Return the primary key of the row that this form adds, None where the form carries no idempotency key."""
    form_key = _sent_idempotency_key(request, model)
    if form_key is None:
        return None
    typed = sorted((name, texts) for name, texts in request.POST.lists() if name not in _NOT_TYPED)
    return uuid.uuid5(form_key, json.dumps([str(request.user.pk), typed]))


def assign_new_row_key(request: HttpRequest, row: Model) -> None:
    """Set the new row's primary key to the one its form stands for, if it has one."""
    key = new_row_key(request, type(row))
    if key is not None:
        row.pk = key


def find_row_added_before(model: type[Model], key: uuid.UUID, alias: str) -> Model | None:
    """Return the row that this form has added already, None where this is the first time.

    Holds an advisory lock on the key until the transaction ends: of two requests at once the second waits for the
    first.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])
    manager = model._base_manager  # noqa: SLF001  # documented; a page may list fewer rows than there are
    return manager.using(alias).filter(pk=key).first()


def _sent_idempotency_key(request: HttpRequest, model: type[Model]) -> uuid.UUID | None:
    text = request.POST.get(ROW_KEY)
    key: uuid.UUID | None = parse_key(model, text) if text and isinstance(model._meta.pk, UUIDField) else None
    return key
