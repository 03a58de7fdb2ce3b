"""The pages of an import: upload, preview, decision. Requests, permissions and messages only.

The plan and its application are synapse.kit.import_export's (planning.py, applying.py).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import router
from django.db.models import Model, TextChoices
from django.http import Http404, HttpRequest, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header

from synapse.kit.admin.export_pages import ExportPages, list_action_link
from synapse.kit.import_export import uploads
from synapse.kit.import_export.applying import Agreement, PlanChangedError, apply_import
from synapse.kit.import_export.collisions import Claim
from synapse.kit.import_export.columns import natural_key_columns
from synapse.kit.import_export.errors import FileError
from synapse.kit.import_export.exporting import FORMATS
from synapse.kit.import_export.headings import is_known_heading
from synapse.kit.import_export.number_parsing import DecimalMark
from synapse.kit.import_export.planning import Table, plan_import
from synapse.kit.import_export.plans import RowPlan
from synapse.kit.import_export.preview import bad_rows_csv, preview_context
from synapse.kit.import_export.sheets import Sheet, read_sheet
from synapse.kit.import_export.unknown_values import describe_unknown_values

_FORM: Final = "admin/import_export/upload.html"
_PREVIEW: Final = "admin/import_export/preview.html"

_MARK: Final = "decimals-"
"""Begins the parameter of a column's decimal mark."""

_M = TypeVar("_M", bound=Model)


class ImportPages(ExportPages[_M]):
    """Gives an admin class the import of files, for those who may add and change its rows."""

    sealed_columns: ClassVar[Mapping[str, str]] = {}
    """Columns that no file may fill, each with who writes it instead: "a confirmation on …"."""

    known_values: ClassVar[dict[str, type[TextChoices]]] = {}
    """Columns whose values are known; others are taken as well, but remarked on."""

    def get_urls(self) -> list[URLPattern]:
        """Return the admin's addresses, the import's before them."""
        view, name = self.admin_site.admin_view, self._url_name_prefix
        return [
            path("import/", view(self.upload_view), name=f"{name}_import"),
            path("import/<str:token>/", view(self.preview_view), name=f"{name}_import_preview"),
            path("import/<str:token>/bad-rows/", view(self.bad_rows_view), name=f"{name}_import_bad_rows"),
            *super().get_urls(),
        ]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may import: adding and changing are both needed."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def import_defaults(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the columns that new rows of a file need not bring, each with what it gets, given the row's key."""
        return {}

    def find_row_violations(self, row: Mapping[str, Any], changed: Collection[str]) -> Iterable[tuple[str, str]]:  # noqa: ARG002  # for subclasses
        """Return a column and a sentence for each rule that a row of a file breaks; `changed` are what it changes."""
        return ()

    def find_cross_row_violations(self, claims: Sequence[Claim]) -> Iterable[tuple[RowPlan, str, str]]:  # noqa: ARG002  # for subclasses
        """Return a row's plan, a column and a sentence for each rule that the rows of a file violate together."""
        return ()

    def import_export_links(self, request: HttpRequest, query: str) -> list[dict[str, Any]]:
        """Return the links above the list, the import first."""
        links = super().import_export_links(request, query)
        own = [list_action_link("Import", "upload", self._page_address("import"))]
        return [*own, *links] if self.has_import_permission(request) else links

    def upload_view(self, request: HttpRequest) -> HttpResponseBase:
        """Take a file, and go on to its preview."""
        self._require_import_permission(request)
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        error = ""
        if request.method == "POST":
            try:
                return redirect(self._page_address("import_preview", self._store_readable_upload(request)))
            except FileError as refused:
                error = str(refused)
        made = self.import_defaults()
        columns = [
            (column, "required" if column.is_required and column.name not in made else "", column.widget.expected)
            for column in self.import_export_columns()
        ]
        context = {
            "error": error,
            "columns": columns,
            "key": " and ".join(natural_key_columns(self._import_table(request).model)),
            "kept": sorted(self._import_table(request).kept - self.sealed_columns.keys()),
            "sealed": sorted(self.sealed_columns.items()),
            "exports": [(kind.upper(), self._page_address("export", kind)) for kind in FORMATS],
            "most_rows": f"{settings.IMPORT_MOST_ROWS:,}",
            "most_megabytes": settings.IMPORT_MOST_BYTES // 1_000_000,
        }
        return self._render_page(request, _FORM, context, status=400 if error else 200)

    def preview_view(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Show what the file would do; on POST do it, or forget the file."""
        self._require_import_permission(request)
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        upload = self._get_upload_or_404(request, token)
        if request.method == "POST" and request.POST.get("verb") == "discard":
            uploads.delete_upload(upload)
            messages.info(request, f"{upload.name} was discarded. Nothing was written.")
            return redirect(self._page_address())
        error = ""
        if request.method == "POST":
            try:
                return self._apply_agreed_import(request, upload)
            except PlanChangedError as refused:
                error = str(refused)
        table, marks = self._import_table(request), self._chosen_decimal_marks(request)
        plan = plan_import(self._read_upload(upload.content), table, marks=marks)
        known = {column: choices.values for column, choices in self.known_values.items()}
        context = {
            **preview_context(plan),
            "notes": [*plan.notes, *describe_unknown_values(plan, table, known)],
            "error": error,
            "file_name": upload.name,
            "bad_rows": self._page_address("import_bad_rows", token) + _decimal_marks_query(marks),
            "again": self._page_address("import"),
        }
        return self._render_page(request, _PREVIEW, context, status=409 if error else 200)

    def bad_rows_view(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Send the bad rows with their reasons, to be mended and imported."""
        self._require_import_permission(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        sheet = self._read_upload(self._get_upload_or_404(request, token).content)
        plan = plan_import(sheet, self._import_table(request), marks=self._chosen_decimal_marks(request))
        disposition = content_disposition_header(as_attachment=True, filename=f"bad-rows-{self.opts.model_name}.csv")
        headers = {"Content-Disposition": disposition or ""}
        return StreamingHttpResponse(bad_rows_csv(plan), content_type=FORMATS["csv"], headers=headers)

    def _apply_agreed_import(self, request: HttpRequest, upload: uploads.Upload) -> HttpResponseBase:
        """Import what the person was shown. Raises PlanChangedError."""
        left_out = request.POST.get("leaves_out", "0")
        agreed = Agreement(
            shown=request.POST.get("shown", ""),
            leaves_out=int(left_out) if left_out.isascii() and left_out.isdigit() and len(left_out) < 10 else -1,  # noqa: PLR2004
            overwrites_later=request.POST.get("overwrites_later") == "1",
            marks=self._chosen_decimal_marks(request),
        )
        imported = apply_import(
            self._read_upload(upload.content), self._import_table(request), agreed, now=timezone.now()
        )
        uploads.delete_upload(upload)
        counts = [(imported.new, "new"), (imported.changed, "changed"), (imported.left_out, "bad left out")]
        words = ", ".join(f"{number:,} {word}" for number, word in counts if number) or "nothing to write"
        undo = format_html(' <a href="{}">Undo</a>', imported.undo) if imported.undo else ""
        messages.success(request, format_html("Imported {}: {}.{}", upload.name, words, undo))
        return redirect(self._page_address())

    def _store_readable_upload(self, request: HttpRequest) -> str:
        """Keep the uploaded file if it can be read; return its token. Raises FileError."""
        file: Any = request.FILES.get("file")
        if file is None or not file.size:
            raise FileError("Choose a CSV or XLSX file that isn't empty.")
        if file.size > settings.IMPORT_MOST_BYTES:
            size = f"{file.size / 1_000_000:.1f} MB, more than the {settings.IMPORT_MOST_BYTES // 1_000_000} MB"
            raise FileError(f"The file has {size} that are taken at once. Split it into several files.")
        content = file.read()
        # Plan the headings alone: a file whose rows can't be found is refused at once, bad rows are the preview's.
        sheet = self._read_upload(content)
        if not sheet.rows:
            raise FileError("The file has headings, but no rows below them.")
        plan_import(Sheet(sheet.headings, ()), self._import_table(request))
        return uploads.store_upload(
            content, name=str(file.name)[:100], user=self._user_id(request), table=self.opts.label
        )

    def _read_upload(self, content: bytes) -> Sheet:
        columns = self.import_export_columns()
        return read_sheet(
            content, most_rows=settings.IMPORT_MOST_ROWS, knows=lambda word: is_known_heading(word, columns)
        )

    def _import_table(self, request: HttpRequest) -> Table:
        columns = self.import_export_columns()
        kept = frozenset(self.get_readonly_fields(request)) & {column.name for column in columns}
        alias = router.db_for_write(self.model)
        return Table(
            self.model,
            alias,
            columns,
            kept,
            sealed=self.sealed_columns,
            made=self.import_defaults(),
            broken=self.find_row_violations,
            broken_together=self.find_cross_row_violations,
        )

    def _chosen_decimal_marks(self, request: HttpRequest) -> dict[str, DecimalMark]:
        """Return the decimal marks that the person chose in the preview, by column."""
        said = {**request.GET.dict(), **request.POST.dict()}
        return {
            name.removeprefix(_MARK): DecimalMark(str(text))
            for name, text in said.items()
            if name.startswith(_MARK) and text in set(DecimalMark)
        }

    def _get_upload_or_404(self, request: HttpRequest, token: str) -> uploads.Upload:
        upload = uploads.find_upload(token, user=self._user_id(request), table=self.opts.label)
        if upload is None:
            raise Http404("There is no such upload: it was decided about, or it is older than a day. Upload it again.")
        return upload

    def _user_id(self, request: HttpRequest) -> int:
        return int(request.user.pk or 0)

    def _require_import_permission(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _render_page(
        self, request: HttpRequest, template: str, own: dict[str, Any], *, status: int
    ) -> TemplateResponse:
        noun = self.opts.verbose_name_plural
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import {noun}",
            "opts": self.opts,
            "noun": noun,
            "list_address": self._page_address(),
            **own,
        }
        return TemplateResponse(request, template, context, status=status)


def _decimal_marks_query(marks: Mapping[str, DecimalMark]) -> str:
    return f"?{urlencode({_MARK + column: mark.value for column, mark in marks.items()})}" if marks else ""
