"""Rows added by a person: Synapse's own, under a key no legacy file can have.

What lives here: filling in where a row comes from. What does not: which sections a page has.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from business_core.models import DataSource


class NewRowDefaults:
    """Fills in the legacy key and the source of a new row, instead of asking for them; mixed into an admin page."""

    external_key: str
    """The column of the legacy key."""

    def import_defaults(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return what a new row of an imported file gets where it brings neither key nor source, given its key."""
        return {"data_source": lambda _: DataSource.SYNAPSE.value, self.external_key: "synapse-{}".format}

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: Any) -> None:
        """Save the row, a new one under a key of its own."""
        if not change:
            vars(obj).update({name: made(obj.pk) for name, made in self.import_defaults().items()})
        super().save_model(request, obj, form, change)  # type: ignore[misc]  # a mixin of admin classes
