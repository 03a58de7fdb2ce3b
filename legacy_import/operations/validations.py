"""The verb validate: PostgreSQL held against the legacy files, and the record of it."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from legacy_import.models import ValidationRun
from legacy_import.pipeline.progress import Progress
from legacy_import.validation.check import Check
from legacy_import.validation.kept_report import kept_run
from legacy_import.validation.migration_validator import MigrationValidator
from legacy_import.validation.report import Report
from synapse.databases import BUSINESS_CORE

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Validated:
    """What a validation found, and its record; None where the business core was away and could not keep one."""

    report: Report
    run: ValidationRun | None


def validate(legacy_dir: Path) -> list[Check]:
    """Hold the data of every declared source against its legacy file; query times are left out, nothing is kept."""
    return MigrationValidator(legacy_dir).validate_data()


def validate_and_record(legacy_dir: Path, *, requested_by: str = "", progress: Progress | None = None) -> Validated:
    """Run every check of the specification's MigrationValidator, and keep what they found, whatever it is.

    A validation that breaks off is kept with its reason, and the error is raised on.
    """
    now, begun = timezone.now(), time.monotonic()
    try:
        checks = MigrationValidator(legacy_dir, progress=progress, now=now).validate()
    except Exception as error:
        report = Report((), legacy_dir, now, time.monotonic() - begun, requested_by)
        _keep(report, error=f"{type(error).__name__}: {error}")
        raise
    report = Report(tuple(checks), legacy_dir, now, time.monotonic() - begun, requested_by)
    return Validated(report, _keep(report))


def validation_report(legacy_dir: Path, *, requested_by: str = "", progress: Progress | None = None) -> Report:
    """Validate and record, and return what was found."""
    return validate_and_record(legacy_dir, requested_by=requested_by, progress=progress).report


def _keep(report: Report, *, error: str = "") -> ValidationRun | None:
    """Write the record. A database that is away is one of the findings already: the report has to reach its reader."""
    run = kept_run(report)
    run.error = error.replace("\0", "")
    try:
        connections[BUSINESS_CORE].close_if_unusable_or_obsolete()
        with transaction.atomic(using=BUSINESS_CORE):
            run.save(using=BUSINESS_CORE, force_insert=True)
    except DatabaseError as trouble:
        _logger.warning("The validation could not be recorded: %s", str(trouble).strip().partition("\n")[0])
        return None
    return run
