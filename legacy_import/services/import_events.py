"""Events of an import: its start, its end with the counts, and what was refused, one line a table; no cell is quoted.

Wraps importing.import_source.
"""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

import structlog

from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.pipeline.report import SourceReport
from synapse.foundation.logs.context import add_to_log_context, log_context

if TYPE_CHECKING:
    from legacy_import.services.importing import ImportRequest

_P = ParamSpec("_P")

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def log_import(
    function: "Callable[Concatenate[Source, ImportRequest, _P], SourceReport]",
) -> "Callable[Concatenate[Source, ImportRequest, _P], SourceReport]":
    """Have every line of one source's import name the source and its run, and log how it ended."""

    @functools.wraps(function)
    def _logged(source: Source, request: "ImportRequest", *args: _P.args, **kwargs: _P.kwargs) -> SourceReport:
        began_at = time.perf_counter()
        with log_context(source=source.name, import_run=None, dry_run=request.dry_run or None):
            try:
                report = function(source, request, *args, **kwargs)
            except KeyboardInterrupt:
                _logger.warning("import.interrupted")
                raise
            _log_import_end(report, seconds=round(time.perf_counter() - began_at, 3))
        return report

    return cast("Callable[Concatenate[Source, ImportRequest, _P], SourceReport]", _logged)


def log_import_start(run: ImportRun) -> None:
    """Log that the run begins; its id is on each line from here to the import's end."""
    add_to_log_context(import_run=str(run.pk))
    _logger.info("import.started", requested_by=run.requested_by)


def _log_import_end(report: SourceReport, *, seconds: float) -> None:
    if report.error is not None:
        _logger.error("import.failed", error=report.error, needs_person=report.needs_person, seconds=seconds)
        return
    counts = {table: _without_zeros(asdict(counted)) for table, counted in report.tables.items()}
    _logger.info("import.ended", status=report.status, tables=counts, notes=len(report.notes), seconds=seconds)
    for table, counted in report.tables.items():
        if counted.quarantined:
            _logger.warning("rows.quarantined", table=table, rows=counted.quarantined, read=counted.read)


def _without_zeros(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rows for name, rows in counts.items() if rows or name == "read"}
