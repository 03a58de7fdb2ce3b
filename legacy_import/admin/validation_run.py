"""The pages of the validations: the list of them, each one's report, and the button that queues another.

The report is drawn by legacy_import.validation.html_report.
"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from legacy_import.admin.database_page import parse_row_key
from legacy_import.cell_display import visible
from legacy_import.jobs.validation import VALIDATE
from legacy_import.models import ValidationRun
from legacy_import.validation.html_report import render_html_body
from legacy_import.validation.kept_report import restore_report
from synapse.kit.admin.read_only import ReadOnlyAdmin
from synapse.kit.jobs.queueing import queue_run

_LIST = "legacy_import_validationrun_changelist"
_RUNS_JOBS = "job_base.run_job"
_MAX_NAMED_CHECKS = 3
"""How many failed checks the list names."""


@admin.register(ValidationRun)
class ValidationRunAdmin(ReadOnlyAdmin[ValidationRun]):
    """Validations, the latest first."""

    list_display = ["begun_at", "verdict_label", "failed_checks", "check_count", "duration_text", "requested_by"]
    list_display_links = ["begun_at", "verdict_label"]
    list_filter = ["passed"]
    list_before_template = "legacy_import/validations_head.html"
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValidationRun]:
        """Return the validations without their checks, which only a single one's page shows."""
        return super().get_queryset(request).defer("checks")

    def get_urls(self) -> list[URLPattern]:
        """Return the pages' addresses, the button's before those that take any key."""
        view = self.admin_site.admin_view(self.validate_view)
        return [path("validate/", view, name="legacy_import_validationrun_validate"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the button for those who may run jobs."""
        context = {"may_validate": request.user.has_perm(_RUNS_JOBS), **(extra_context or {})}
        page: HttpResponse = super().changelist_view(request, context)
        return page

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  # Django's signature
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one validation's report; there is nothing to send."""
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        key = parse_row_key(object_id)
        run = ValidationRun.objects.filter(pk=key).first() if key else None
        if run is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"Validation of {timezone.localtime(run.begun_at):%Y-%m-%d %H:%M:%S}",
            "opts": self.opts,
            "error": visible(run.error),
            # The template escapes all that comes from the databases.
            "report": "" if run.error else mark_safe(render_html_body(restore_report(run))),  # noqa: S308
            "list_page": reverse(f"admin:{_LIST}"),
            "may_validate": request.user.has_perm(_RUNS_JOBS),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/legacy_import/validation.html", context)

    def validate_view(self, request: HttpRequest) -> HttpResponse:
        """Queue a validation."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_view_permission(request) and request.user.has_perm(_RUNS_JOBS)):
            raise PermissionDenied
        if queue_run(VALIDATE.name, requested_by=request.user.get_username()):
            messages.success(request, "Queued: the validation starts as soon as a worker is free.")
        else:
            messages.warning(request, "Nothing to do: a validation is queued or running already.")
        return redirect(f"admin:{_LIST}")

    @admin.display(description="verdict")
    def verdict_label(self, run: ValidationRun) -> str:
        """Return the verdict in words."""
        if run.error:
            return "✗\u00a0broke off"
        return "✓\u00a0agrees" if run.passed else "✗\u00a0differs"

    @admin.display(description="failed checks")
    def failed_checks(self, run: ValidationRun) -> str:
        """Return the first failed checks' names, and how many more there are."""
        names = [visible(one["name"]) for one in run.failures]
        more = f" and {len(names) - _MAX_NAMED_CHECKS} more" if len(names) > _MAX_NAMED_CHECKS else ""
        return ", ".join(names[:_MAX_NAMED_CHECKS]) + more or visible(run.error) or "none"

    @admin.display(description="took")
    def duration_text(self, run: ValidationRun) -> str:
        """Return how long it took."""
        return f"{run.seconds:,.1f} s"
