"""A validation report converted to the row that keeps it (models.validation_run) and back.

Long lists of differences are cut, and texts made fit for PostgreSQL's JSON.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from legacy_import.cell_display import visible
from legacy_import.models import ValidationRun
from legacy_import.validation.check import Check
from legacy_import.validation.differences import Difference
from legacy_import.validation.report import Report

MAX_STORED_DIFFERENCES: Final = 50
"""Of each kind of a check; with 13 broken sources that is about a megabyte."""


def build_validation_run(report: Report) -> ValidationRun:
    """Return the report as a row, not saved yet."""
    return ValidationRun(
        begun_at=report.begun_at,
        seconds=report.seconds,
        requested_by=_make_json_safe(report.requested_by),
        legacy_dir=_make_json_safe(str(report.legacy_dir)),
        passed=report.passed,
        check_count=len(report.checks),
        failures=[
            _make_json_safe({"name": one.name, "database": one.database, "detail": one.detail}) for one in report.failed
        ],
        # Lines as pairs: jsonb does not keep the order of an object's names, which is that of the report's columns.
        checks=[
            _make_json_safe(_cut_differences(check).as_json() | {"lines": [list(line.items()) for line in check.lines]})
            for check in report.checks
        ],
    )


def restore_report(run: ValidationRun) -> Report:
    """Return the report that the row keeps."""
    checks = tuple(
        Check(
            name=found["name"],
            database=found["database"],
            passed=found["passed"],
            detail=found["detail"],
            differences=tuple(Difference(**difference) for difference in found.get("differences", [])),
            lines=tuple(dict(line) for line in found["lines"]),
            figures=found.get("figures", {}),
            left_out=found.get("left_out", {}),
        )
        for found in run.checks
    )
    return Report(checks, Path(run.legacy_dir), run.begun_at, run.seconds, run.requested_by)


def _cut_differences(check: Check) -> Check:
    """Return the check with the first differences of each kind; `left_out` counts the rest."""
    kept: defaultdict[str, list[Difference]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    for difference in check.differences:
        if len(kept[difference.explanation]) < MAX_STORED_DIFFERENCES:
            kept[difference.explanation].append(difference)
        else:
            left_out[difference.explanation] += 1
    differences = tuple(difference for of_kind in kept.values() for difference in of_kind)
    return replace(check, differences=differences, left_out=left_out)


def _make_json_safe(value: Any) -> Any:
    """Return the value with texts that jsonb can hold: no NUL and no lone surrogates."""
    match value:
        case str():
            return visible(value).encode("utf-8", "replace").decode()
        case dict():
            return {_make_json_safe(name): _make_json_safe(one) for name, one in value.items()}
        case list() | tuple():
            return [_make_json_safe(one) for one in value]
        case _:
            return value
