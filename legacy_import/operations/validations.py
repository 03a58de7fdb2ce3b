"""The verb validate: PostgreSQL held against the legacy files."""

import time
from pathlib import Path

from django.utils import timezone

from legacy_import.pipeline.progress import Progress
from legacy_import.validation.check import Check
from legacy_import.validation.migration_validator import MigrationValidator
from legacy_import.validation.report import Report


def validate(legacy_dir: Path) -> list[Check]:
    """Hold the data of every declared source against its legacy file; query times are left out."""
    return MigrationValidator(legacy_dir).validate_data()


def validation_report(legacy_dir: Path, *, requested_by: str = "", progress: Progress | None = None) -> Report:
    """Run every check of the specification's MigrationValidator and return what they found together."""
    now, begun = timezone.now(), time.monotonic()
    checks = MigrationValidator(legacy_dir, progress=progress, now=now).validate()
    return Report(tuple(checks), legacy_dir, now, time.monotonic() - begun, requested_by)
