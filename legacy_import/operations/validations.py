"""The verb validate: PostgreSQL held against the legacy files."""

from pathlib import Path

from legacy_import.validation.check import Check
from legacy_import.validation.migration_validator import MigrationValidator


def validate(legacy_dir: Path) -> list[Check]:
    """Hold PostgreSQL against the legacy files of every declared source; see legacy_import.validation."""
    return MigrationValidator(legacy_dir).validate()
