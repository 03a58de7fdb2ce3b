"""The change log's own addresses: transactions to undo, changes to revert, rows' histories, deleted rows."""

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


def _inside(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Let only people of the admin in; others are asked to log in."""
    return admin.site.admin_view(view)


app_name = "changes"
urlpatterns = [
    path("<database:alias>/<int:transaction_id>/", _inside(views.transaction_view), name="transaction"),
    path("<database:alias>/entries/<int:entry_id>/revert/", _inside(views.revert_view), name="revert"),
    path("<database:alias>/deleted/", _inside(views.deleted_view), name="deleted"),
    path("<database:alias>/<slug:table>/<uuid:key>/", _inside(views.timeline_view), name="row"),
]
