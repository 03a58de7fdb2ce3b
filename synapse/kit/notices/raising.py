"""Raising a notice and resolving it: the two verbs that every other room calls.

Nothing is sent here: pages show what is open, and mails go out later from the outbox (sending.py), so raising waits for
no mail server.
"""

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from django.db import connections, transaction
from django.utils import timezone

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.notices.errors import NoticeError
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.texts import storable_text

_MAX_TITLE_LENGTH: Final = 200
_MAX_TEXT_LENGTH: Final = 4_000


def raise_notice(  # noqa: PLR0913  # a notice is what it says
    kind: Kind, *, key: str, title: str, text: str, link: str = "", permission: str, now: datetime | None = None
) -> Notice:
    """Raise a notice, or count up the open one of this kind and key and give it the newer words; return it.

    `permission` ("app.codename") is whom it is for, `link` a path of this site where to act. Joins the caller's
    transaction on the business core where there is one; no text can make it fail, and so break that. Of two that raise
    the same notice at once the second waits for the first one's transaction to end.

    Raises NoticeError for a link to elsewhere and for what is no permission.
    """
    # Two slashes, or one and a backslash, lead to another host (an open redirect).
    if link and (not link.startswith("/") or link[1:2] in {"/", "\\"} or not link.isprintable()):
        raise NoticeError(f"A notice's link is a path of this site, not {link[:80]!r}.")
    app, _, codename = permission.partition(".")
    if not (app.isidentifier() and codename.isidentifier()):
        raise NoticeError(f"A notice's permission is app.codename, not {permission[:80]!r}.")
    values: dict[str, str | datetime] = {
        "kind": Kind(kind).value,
        "key": storable_text(key, _MAX_TITLE_LENGTH),
        "title": storable_text(title, _MAX_TITLE_LENGTH),
        "text": storable_text(text, _MAX_TEXT_LENGTH),
        "link": link,
        "permission": permission,
        "now": now or timezone.now(),
    }
    with transaction.atomic(using=BUSINESS_CORE), connections[BUSINESS_CORE].cursor() as cursor:
        # One upsert statement: two at once can't both find the notice missing.
        cursor.execute(_raising_sql(), values)
        (notice_id,) = cursor.fetchone()
    return Notice.objects.using(BUSINESS_CORE).get(pk=notice_id)


def resolve_notice(kind: Kind, *, key: str, now: datetime | None = None) -> bool:
    """Resolve the open notice of this kind and key; say whether there was one. Joins the caller's transaction."""
    notices = Notice.objects.using(BUSINESS_CORE).open()
    return bool(
        notices.filter(kind=kind, key=storable_text(key, _MAX_TITLE_LENGTH)).update(resolved_at=now or timezone.now())
    )


@cache
def _raising_sql() -> str:
    return (files("synapse.kit.notices") / "sql" / "raise.sql").read_text(encoding="utf-8")
