"""A report as it is kept in the database, and brought back from there.

What lives here: cutting, and making texts fit for JSON. What does not: the row (models.validation_run), drawing.
"""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

from legacy_import.cell_words import visible
from legacy_import.models import ValidationRun
from legacy_import.validation.check import Check
from legacy_import.validation.differences import Difference
from legacy_import.validation.report import Report

KEPT: Final = 50
"""So many differences of each kind of a check are kept; with 13 broken sources that is about a megabyte."""


def kept_run(report: Report) -> ValidationRun:
    """Return the report as a row, not saved yet."""
    return ValidationRun(
        begun_at=report.begun_at,
        seconds=report.seconds,
        requested_by=_fit(report.requested_by),
        legacy_dir=_fit(str(report.legacy_dir)),
        passed=report.passed,
        check_count=len(report.checks),
        failures=[_fit({"name": one.name, "database": one.database, "detail": one.detail}) for one in report.failed],
        checks=[_fit(_kept(check)) for check in report.checks],
    )


def report_of(run: ValidationRun) -> Report:
    """Return the report that the row keeps."""
    checks = tuple(_check(found) for found in run.checks)
    return Report(checks, Path(run.legacy_dir), run.begun_at, run.seconds, run.requested_by)


def _kept(check: Check) -> dict[str, Any]:
    # As pairs: the database's objects forget the order of their names, which is that of the report's columns.
    return _cut(check).as_json() | {"lines": [list(line.items()) for line in check.lines]}


def _cut(check: Check) -> Check:
    kept: defaultdict[str, list[Difference]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    for difference in check.differences:
        if len(kept[difference.explanation]) < KEPT:
            kept[difference.explanation].append(difference)
        else:
            left_out[difference.explanation] += 1
    differences = tuple(difference for of_kind in kept.values() for difference in of_kind)
    return Check(
        name=check.name,
        database=check.database,
        passed=check.passed,
        detail=check.detail,
        differences=differences,
        lines=check.lines,
        figures=check.figures,
        left_out=left_out,
    )


def _check(found: dict[str, Any]) -> Check:
    return Check(
        name=found["name"],
        database=found["database"],
        passed=found["passed"],
        detail=found["detail"],
        differences=tuple(Difference(**difference) for difference in found.get("differences", [])),
        lines=tuple(dict(line) for line in found["lines"]),
        figures=found.get("figures", {}),
        left_out=found.get("left_out", {}),
    )


def _fit(value: Any) -> Any:
    """Return the value with texts that PostgreSQL's JSON holds: no NUL and no half characters."""
    match value:
        case str():
            return visible(value).encode("utf-8", "replace").decode()
        case dict():
            return {_fit(name): _fit(one) for name, one in value.items()}
        case list() | tuple():
            return [_fit(one) for one in value]
        case _:
            return value
