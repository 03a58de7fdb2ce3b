"""What the tests of the checks share: which failed."""

from collections.abc import Callable
from typing import Any

from legacy_import.validation.check import Check

Checks = Callable[..., dict[str, Check]]


def failed(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.detail for name, check in checks.items() if not check.passed}


def shown(check: Check) -> list[tuple[Any, ...]]:
    return [(d.explanation, d.column, d.here, d.legacy, d.author) for d in check.differences]
