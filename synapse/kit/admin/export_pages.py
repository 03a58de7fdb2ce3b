"""The export of a list: its filtered rows by a link, the ticked ones by an action. Requests and permissions only.

The files are synapse.kit.import_export's (exporting.py).
"""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from unfold.enums import ActionVariant

from synapse.kit.admin.unfold_classes import ThemedModelAdmin
from synapse.kit.import_export.columns import Column, model_columns
from synapse.kit.import_export.errors import ExportError
from synapse.kit.import_export.exporting import FORMATS, export_csv, export_file_name, export_xlsx

_M = TypeVar("_M", bound=Model)


class _UnpagedResults:
    """A mixin of a change list that counts nothing and reads no page: an export reads the rows itself."""

    queryset: QuerySet[Any]

    def get_results(self, request: HttpRequest) -> None:  # noqa: ARG002  # Django's signature
        """Read nothing but whether the rows can be asked for, and leave what lists look at empty."""
        # What the filters can't be compared with is found out now: the rows are read while they are sent.
        self.queryset.exists()
        self.result_list: list[Any] = []
        self.result_count = self.full_result_count = 0
        self.can_show_all = self.multi_page = False


class ExportPages(ThemedModelAdmin[_M]):
    """Gives an admin class the export of its list, for those who may view it."""

    export_columns: ClassVar[Sequence[str]] = ()
    """The columns that may leave; all where none is named."""

    exports_ticked_rows: ClassVar[bool] = True
    """Whether ticking a row says which one is meant; not so where the key isn't unique."""

    def get_urls(self) -> list[URLPattern]:
        """Return the admin's addresses, the export's before them."""
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/<str:kind>/", view, name=f"{self._url_name_prefix}_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Send the rows of the list as it is filtered, searched and sorted in the address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in FORMATS:
            raise Http404(f"There is no export as {kind!r}.")
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        try:
            rows: QuerySet[Any] = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            messages.error(request, "The filter in the address is none this list knows: nothing was exported.")
            return redirect(self._page_address())
        return self.build_export_response(request, rows, kind)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the list's actions and, for those who may view it, the export of ticked rows."""
        actions = super().get_actions(request)
        if not self.exports_ticked_rows or "_popup" in request.GET or not self.has_view_permission(request):
            return actions
        own = {
            f"export_{kind}": (_export_action(kind), f"export_{kind}", f"Export as {kind.upper()}") for kind in FORMATS
        }
        return {**actions, **own}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list, with the links of its export."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            asked = request.GET.copy()
            # Without the page: Django's own helper would drop every name that has a p in it, too.
            asked.pop(PAGE_VAR, None)
            query = f"?{asked.urlencode()}" if asked else ""
            shown = response.context_data.get("actions_list") or []
            response.context_data["actions_list"] = [*shown, *self.import_export_links(request, query)]
        return response

    def import_export_links(self, request: HttpRequest, query: str) -> list[dict[str, Any]]:
        """Return the links above the list that this person may follow, as the theme wants them."""
        if not self.has_view_permission(request):
            return []
        return [
            list_action_link(f"Export {kind.upper()}", "download", self._page_address("export", kind) + query)
            for kind in FORMATS
        ]

    def import_export_columns(self) -> tuple[Column, ...]:
        """Return the columns that files of this table have."""
        model: type[Model] = self.model
        return model_columns(model, tuple(self.export_columns))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Return the list's class; for an export one that reads no page."""
        listed: type[Any] = super().get_changelist(request, **kwargs)
        is_export = request.resolver_match and request.resolver_match.url_name == f"{self._url_name_prefix}_export"
        return type("AllRows", (_UnpagedResults, listed), {}) if is_export else listed

    def build_export_response(self, request: HttpRequest, rows: QuerySet[Any], kind: str) -> HttpResponseBase:
        """Return the rows as a file; where the format can't hold them, the way back with the reason."""
        name = export_file_name(self.model, kind, timezone.localdate())
        columns = self.import_export_columns()
        if kind == "csv":
            disposition = content_disposition_header(as_attachment=True, filename=name) or ""
            headers = {"Content-Disposition": disposition}
            return StreamingHttpResponse(export_csv(rows, columns), content_type=FORMATS[kind], headers=headers)
        try:
            file = export_xlsx(rows, columns)
        except ExportError as error:
            messages.error(request, str(error))
            return redirect(self._page_address() + (f"?{request.GET.urlencode()}" if request.GET else ""))
        return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[kind])

    @property
    def _url_name_prefix(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _page_address(self, page: str = "changelist", *arguments: str) -> str:
        return reverse(f"{self.admin_site.name}:{self._url_name_prefix}_{page}", args=arguments)


def _export_action(kind: str) -> Any:
    def export_ticked(admin: ExportPages[Any], request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
        return admin.build_export_response(request, rows, kind)

    return export_ticked


def list_action_link(title: str, icon: str, address: str) -> dict[str, Any]:
    """Return a link above a list, as an entry of Unfold's `actions_list`."""
    return {
        "title": title,
        "icon": icon,
        "path": address,
        "variant": ActionVariant.DEFAULT,
        "attrs": {},
        "dialog": None,
    }
