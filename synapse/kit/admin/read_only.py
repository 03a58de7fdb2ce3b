"""Read-only pages, where nobody adds, changes or deletes: ReadOnlyAdmin, and ViewAdmin for database views."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from synapse.kit.admin.export_pages import ExportPages
from synapse.kit.admin.totals import ListTotals
from synapse.kit.admin.unfold_classes import ThemedModelAdmin

_M = TypeVar("_M", bound=Model)


class ReadOnlyAdmin(ListTotals, ExportPages[_M], ThemedModelAdmin[_M]):
    """A read-only page: nobody adds, changes or deletes, and looking needs the view permission.

    A table that all three databases have is shown by one proxy model per database with a `database_alias`.
    """

    actions = None
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200

    def get_queryset(self, request: HttpRequest) -> QuerySet[_M]:
        """Return the rows of the database the model is pinned to, if it is."""
        queryset = super().get_queryset(request)
        alias: str | None = getattr(self.model, "database_alias", None)
        return queryset if alias is None else queryset.using(alias)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who changed the row; 403 first: Django checks the permission last, after saying which keys exist."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        page: HttpResponse = super().history_view(request, object_id, extra_context)
        return page

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody deletes."""
        return False


class ViewAdmin(ReadOnlyAdmin[_M]):
    """A page for a database view: a list without pages of single rows, whose key need not be unique."""

    list_display_links = None
    exports_ticked_rows = False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> _M | None:  # noqa: ARG002
        """Return the first row of that key, None where there is none."""
        return self.get_queryset(request).filter(pk=object_id).first()
