"""The specification's MigrationValidator, as far as it is built: record counts and the consultation pipeline's sum.

What lives here: the checks' sequence and their verdicts. What does not yet exist: cell-by-cell integrity and query
performance. Each check reads a private snapshot of the live file, so that it holds up nobody.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from legacy_import.failures import EXPECTED, failure_sentence
from legacy_import.mapping import Source
from legacy_import.models import LegacyFile
from legacy_import.pipeline.snapshot import take_snapshot
from legacy_import.sources import SOURCES
from legacy_import.validation.pipeline_value import pipeline_values
from legacy_import.validation.record_counts import count_differences

_INQUIRIES: Final = "consultation_inquiries"


@dataclass(frozen=True, slots=True)
class Check:
    """One check's verdict; `detail` is a sentence with the figures of both sides."""

    name: str
    database: str
    passed: bool
    detail: str

    def as_json(self) -> dict[str, Any]:
        """Return the check in the shape of the command line's contract."""
        return asdict(self)


class MigrationValidator:
    """Holds every declared source's legacy file against PostgreSQL."""

    def __init__(self, legacy_dir: Path) -> None:
        self._legacy_dir = legacy_dir

    def validate(self) -> list[Check]:
        """Run all checks; one that cannot be made has failed, with the reason."""
        checks = []
        for source in SOURCES:
            try:
                checks += self._validate_source(source)
            except EXPECTED as error:
                detail = failure_sentence(source.name, error)
                checks.append(Check(f"{source.name}: legacy file", source.database, passed=False, detail=detail))
        return checks

    def _validate_source(self, source: Source) -> list[Check]:
        if not LegacyFile.objects.using(source.database).filter(pk=source.name).exists():
            name = f"{source.name}: record counts"
            detail = f"not imported yet: run import_legacy --source={source.name}"
            return [Check(name, source.database, passed=False, detail=detail)]
        with self._snapshot(source) as legacy:
            checks = [self.validate_record_counts(source, legacy)]
            if any(table.model == "business_core.ConsultationInquiry" for table in source.tables):
                checks.append(self.validate_consultation_pipeline(source, legacy))
        return checks

    def validate_record_counts(self, source: Source, legacy: sqlite3.Connection) -> Check:
        """Every row of the file stands in the ledger, and the ledger lists none that the file lacks."""
        with _reading(source.database) as cursor:
            total, differences = count_differences(cursor, source, legacy)
        detail = "; ".join(differences) or f"{total:,} rows in the file, {total:,} accounted for"
        return Check(f"{source.name}: record counts", source.database, passed=not differences, detail=detail)

    def validate_consultation_pipeline(self, source: Source, legacy: sqlite3.Connection) -> Check:
        """The inquiries are worth the same on both sides, edits made here taken back."""
        with _reading(source.database) as cursor:
            there, here = pipeline_values(cursor, source, legacy)
        detail = f"{there.inquiries:,} inquiries worth {there.value:,.2f} in the file"
        detail += ", the same here" if there == here else f", {here.inquiries:,} worth {here.value:,.2f} here"
        return Check(f"{source.name}: consultation pipeline", source.database, passed=there == here, detail=detail)

    @contextmanager
    def _snapshot(self, source: Source) -> Iterator[sqlite3.Connection]:
        with TemporaryDirectory(prefix="synapse-validate-") as folder:
            snapshot = take_snapshot(
                self._legacy_dir / source.path,
                directory=Path(folder),
                lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
                now=timezone.now(),
                keep=False,
            )
            with closing(sqlite3.connect(f"{snapshot.path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
                yield connection


@contextmanager
def _reading(alias: str) -> Iterator[CursorWrapper]:
    """Yield a cursor in a transaction of its own, which temporary tables end with."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        yield cursor
