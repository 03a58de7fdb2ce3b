"""Two people with the same pages open.

What lives here: opening, typing and saving as one of them. What does not: what a form holds (browser_form.py).
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests.integration.synapse.kit.admin.browser_form import submitted


@dataclass(slots=True)
class Person:
    """Somebody with a browser."""

    name: str
    client: Client

    def opens(self, row: Model) -> dict[str, str]:
        """Return the fields of the row's page as it stands now."""
        return submitted(self.client.get(page_of(row)).content.decode())

    def saves(self, row: Model, fields: dict[str, str], **typed: Any) -> Any:
        """Send the fields with what was typed into them, and return the answer."""
        return self.client.post(page_of(row), fields | typed)


def person(name: str) -> Person:
    """Return a signed-in superuser."""
    client = Client()
    client.force_login(User.objects.create_superuser(name))
    return Person(name, client)


def page_of(row: Model) -> str:
    """Return the address of the row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def told(response: Any) -> list[str]:
    """Return the messages that the next page shows."""
    return [str(message) for message in response.wsgi_request._messages]
