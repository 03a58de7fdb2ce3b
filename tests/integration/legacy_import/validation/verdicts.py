"""What the tests of the checks share: which failed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from legacy_import.sources import source_named
from legacy_import.validation.check import Check
from legacy_import.validation.migration_validator import MigrationValidator

Checks = Callable[..., dict[str, Check]]


def failed(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.detail for name, check in checks.items() if not check.passed}


def failed_in(folder: Path, *names: str) -> dict[str, str]:
    """Return the failed checks of the data of the named sources."""
    checks = MigrationValidator(folder, sources=[source_named(name) for name in names]).validate_data()
    return failed({check.name: check for check in checks})


def shown(check: Check) -> list[tuple[Any, ...]]:
    return [(d.explanation, d.column, d.here, d.legacy, d.author) for d in check.differences]
