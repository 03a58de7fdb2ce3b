"""Notices and people for the tests of this folder."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User

from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.raising import raise_notice
from tests.people import clerk

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PERMISSION = "business_core.change_post"


def raised(title: str = "A worker is down", **values: Any) -> Notice:
    given: dict[str, Any] = {"kind": Kind.WORKER_DOWN, "key": title, "text": "Start it.", "permission": PERMISSION}
    given |= values
    return raise_notice(given.pop("kind"), title=title, now=given.pop("now", NOW), **given)


def reader(name: str = "ada", *, email: str = "") -> User:
    """Make a member of staff who may see what `raised` raises."""
    person = clerk("change_post", name=name)
    person.email = email or f"{name}@example.com"
    person.save()
    return person
