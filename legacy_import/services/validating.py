"""Validate: compare PostgreSQL with the legacy files cell by cell, and record what was found.

Called by the command validate_migration and the nightly job; the checks are legacy_import.validation's.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from legacy_import.mapping import Source
from legacy_import.models import ValidationRun
from legacy_import.pipeline.progress import Progress
from legacy_import.services.unread_inquiries import update_unread_inquiries_notice
from legacy_import.validation.check import Check
from legacy_import.validation.kept_report import build_validation_run
from legacy_import.validation.migration_validator import MigrationValidator
from legacy_import.validation.report import Report
from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.logs.logged_calls import log_calls
from synapse.foundation.text.error_line import error_line
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice, resolve_notice

_logger = logging.getLogger(__name__)

_MAX_NAMED_CHECKS: Final = 10
"""How many failed checks a notice names."""


@dataclass(frozen=True, slots=True)
class RecordedValidation:
    """What a validation found, and its record; None where the business core was away and could not keep one."""

    report: Report
    run: ValidationRun | None


def _validation_log_fields(_call: Mapping[str, Any], done: RecordedValidation) -> dict[str, Any]:
    failed = [check.name for check in done.report.checks if not check.passed]
    return {
        "verdict": done.report.verdict,
        "checks": len(done.report.checks),
        "failed": failed,
        "validation_run": done.run and done.run.pk,
    }


def validate_data(legacy_dir: Path) -> list[Check]:
    """Compare the data of every declared source with its legacy file; measure no query times, record nothing."""
    return MigrationValidator(legacy_dir).validate_data()


def validate_sources(
    legacy_dir: Path, sources: Sequence[Source], *, requested_by: str, progress: Progress | None
) -> Report:
    """Check these sources alone. Nothing is recorded: a verdict of some says nothing of the others."""
    now, begun = timezone.now(), time.monotonic()
    checks = MigrationValidator(legacy_dir, sources=sources, is_partial=True, progress=progress, now=now).validate()
    names = tuple(source.name for source in sources)
    return Report(tuple(checks), legacy_dir, now, time.monotonic() - begun, requested_by, names)


@log_calls("validation.ended", _validation_log_fields)
def validate_and_record(
    legacy_dir: Path, *, requested_by: str = "", progress: Progress | None = None
) -> RecordedValidation:
    """Run every check of the specification's MigrationValidator, and keep what they found, whatever it is.

    A validation that breaks off is kept with its reason, and the error is raised on.
    """
    now, begun = timezone.now(), time.monotonic()
    try:
        checks = MigrationValidator(legacy_dir, progress=progress, now=now).validate()
    except Exception as error:
        report = Report((), legacy_dir, now, time.monotonic() - begun, requested_by)
        _record_validation(report, error=f"{type(error).__name__}: {error_line(error)}")
        raise
    report = Report(tuple(checks), legacy_dir, now, time.monotonic() - begun, requested_by)
    return RecordedValidation(report, _record_validation(report))


def validate_and_report(legacy_dir: Path, *, requested_by: str = "", progress: Progress | None = None) -> Report:
    """Validate and record, and return what was found."""
    return validate_and_record(legacy_dir, requested_by=requested_by, progress=progress).report


def _record_validation(report: Report, *, error: str = "") -> ValidationRun | None:
    """Write the record. A database that is away is one of the findings already: the report has to reach its reader."""
    run = build_validation_run(report)
    run.error = error.replace("\0", "")
    try:
        # The checks may have taken minutes, in which the server may have gone and come back.
        connections[BUSINESS_CORE].close_if_unusable_or_obsolete()
        with transaction.atomic(using=BUSINESS_CORE):
            run.save(using=BUSINESS_CORE, force_insert=True)
            if not run.error:
                _notify_of_verdict(report, run)
        # Should a kill have come between an import's rows and its notice, this is the next one to look.
        update_unread_inquiries_notice()
    except DatabaseError as trouble:
        _logger.warning("The validation could not be recorded: %s", error_line(trouble))
        return None
    return run


def _notify_of_verdict(report: Report, run: ValidationRun) -> None:
    """Raise the notice of a failed validation, or resolve it; none for files in another folder than LEGACY_DIR."""
    if report.legacy_dir.resolve() != Path(settings.LEGACY_DIR).resolve():
        return
    if report.passed:
        resolve_notice(Kind.FAILED_VALIDATION, key="")
        return
    names = [one["name"] for one in run.failures]
    more = f" and {len(names) - _MAX_NAMED_CHECKS} more" if len(names) > _MAX_NAMED_CHECKS else ""
    raise_notice(
        Kind.FAILED_VALIDATION,
        key="",
        title=f"The last validation failed: {report.verdict}",
        text=f"Failed: {', '.join(names[:_MAX_NAMED_CHECKS])}{more}. Next: {report.next_step}.",
        link=reverse("admin:legacy_import_validationrun_change", args=[run.pk]),
        permission="legacy_import.run_import",
    )
