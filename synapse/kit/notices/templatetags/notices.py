"""The bell in the header of every page: how many open notices this person has not read. One query per page."""

from typing import Any, Final

from django import template

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.text.visible import visible
from synapse.kit.notices.models import Notice

register = template.Library()

_MAX_COUNTED: Final = 99


@register.inclusion_tag("synapse/kit/notices/bell.html", takes_context=True)
def notice_bell(context: template.Context) -> dict[str, Any]:
    """Return what the bell shows; more than 99 are not counted."""
    person = context["request"].user
    unread = Notice.objects.using(BUSINESS_CORE).open().for_person(person).unread_by(person)
    # At most a hundred keys are read, where count() would visit every unread notice.
    count = len(unread.values_list("pk", flat=True)[: _MAX_COUNTED + 1])
    return {"count": count, "shown": f"{_MAX_COUNTED}+" if count > _MAX_COUNTED else str(count)}


@register.filter
def readable(text: str) -> str:
    """Return the text with a visible sign for every character that would hide or move others; templates escape it."""
    return visible(text)
