"""The page of the sources: the state of each, and the buttons that queue an import.

Its lines are read by source_overview, the imports queued by legacy_import.jobs.imports; the buttons by which a person
decides about a source are source_actions.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst

from legacy_import.admin.source_actions import (
    SOURCES_PAGE,
    answer_loss_question,
    may_import,
    queue_undeclared_archive,
    take_back_withdrawal_view,
    withdraw_source_view,
)
from legacy_import.admin.source_overview import source_lines
from legacy_import.errors import UnknownSourceError
from legacy_import.jobs import queue_import
from legacy_import.models import ImportSource
from legacy_import.source_decisions import withdrawn_sources
from legacy_import.sources import SOURCES
from legacy_import.undeclared.listing import list_undeclared_files
from synapse.kit.admin.read_only import ReadOnlyAdmin


@admin.register(ImportSource)
class ImportSourceAdmin(ReadOnlyAdmin[ImportSource]):
    """A page instead of a list: sources are declared in code, so there are no rows to open."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # Django's signature
        """Allow those who may see runs or start imports."""
        return may_import(request) or request.user.has_perm("legacy_import.view_importrun")

    def get_urls(self) -> list[URLPattern]:
        """Return the page's addresses, and no others."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=SOURCES_PAGE),
            path("import/", view(self.queue_all_imports), name="legacy_import_importsource_import_all"),
            path("import/<str:name>/", view(self.queue_source_import), name="legacy_import_importsource_import"),
            path("answer/", view(answer_loss_question), name="legacy_import_importsource_answer"),
            path("withdraw/", view(withdraw_source_view), name="legacy_import_importsource_withdraw"),
            path("archive/", view(queue_undeclared_archive), name="legacy_import_importsource_archive"),
            path("take-back/", view(take_back_withdrawal_view), name="legacy_import_importsource_take_back"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show one row per declared source."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        lines = source_lines()
        context = {
            **self.admin_site.each_context(request),
            "title": "Sources",
            "opts": self.model._meta,
            "lines": lines,
            "undeclared": list_undeclared_files(settings.LEGACY_DIR, at_once=True),
            "legacy_dir": settings.LEGACY_DIR,
            "may_import": may_import(request),
            "no_file": not any(line.file_is_there for line in lines),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/legacy_import/sources.html", context)

    def queue_source_import(self, request: HttpRequest, name: str) -> HttpResponse:
        """Queue one source's import."""
        return self._queue_imports(request, [name])

    def queue_all_imports(self, request: HttpRequest) -> HttpResponse:
        """Queue the import of every source that is not withdrawn."""
        withdrawn = withdrawn_sources()
        return self._queue_imports(request, [source.name for source in SOURCES if source.name not in withdrawn])

    def _queue_imports(self, request: HttpRequest, names: list[str]) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_import(request):
            raise PermissionDenied
        try:
            queued = {name: queue_import(name, request.user.get_username()) is not None for name in names}
        except UnknownSourceError as error:
            messages.error(request, capfirst(str(error)))
        else:
            new, old = [name for name in names if queued[name]], [name for name in names if not queued[name]]
            if new:
                messages.success(request, f"Queued: the import of {', '.join(new)} starts as soon as a worker is free.")
            if old:
                messages.warning(
                    request, f"Nothing to do: the import of {', '.join(old)} is queued or running already."
                )
        return redirect(f"admin:{SOURCES_PAGE}")
