"""The change log's own addresses: units of work to undo, changes to revert, rows' histories, deleted rows."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import path, register_converter

from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE
from synapse.kit.change_log import views


class DatabaseConverter:
    """A database in an address: the words people know it by, for its alias."""

    words = {BUSINESS_CORE: "business-core", ANALYTICS: "analytics", REVENUE: "revenue"}
    aliases = {word: alias for alias, word in words.items()}
    regex = "|".join(aliases)

    def to_python(self, value: str) -> str:
        """Return the alias."""
        return self.aliases[value]

    def to_url(self, value: str) -> str:
        """Return the word. Raises ValueError for what is no alias, as Django wants it."""
        try:
            return self.words[value]
        except KeyError as error:
            raise ValueError(f"{value} is no database's alias") from error


register_converter(DatabaseConverter, "database")


def _staff_only(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Return the view for members of staff only; others are asked to log in."""
    return admin.site.admin_view(view)


app_name = "changes"
urlpatterns = [
    path("<database:alias>/<int:transaction_id>/", _staff_only(views.transaction_view), name="transaction"),
    path("<database:alias>/entries/<int:entry_id>/revert/", _staff_only(views.revert_view), name="revert"),
    path("<database:alias>/deleted/", _staff_only(views.deleted_view), name="deleted"),
    path("<database:alias>/<slug:table>/<uuid:key>/", _staff_only(views.timeline_view), name="row"),
]
