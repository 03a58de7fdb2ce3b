"""The specification's MigrationValidator, as far as it is built: record counts, integrity, the pipeline's value.

What lives here: the checks' sequence and their verdicts. What does not yet exist: query performance. Each source is
read from a private snapshot of its live file, so that validation holds up nobody. What is newer in a legacy file than
its last import is told and fails nothing: the next import brings it.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from legacy_import.failures import EXPECTED, failure_sentence
from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.pipeline.snapshot import take_snapshot
from legacy_import.pipeline.target import target_table
from legacy_import.sources import SOURCES, sources_of_database
from legacy_import.validation.check import Check
from legacy_import.validation.differences import Difference
from legacy_import.validation.integrity import compare_source
from legacy_import.validation.pipeline_value import pipeline_values
from legacy_import.validation.record_counts import count_differences, lost_rows
from legacy_import.validation.signatures import unsigned_additions
from synapse.databases import ALIASES, DATABASE_NAMES

_INQUIRIES: Final = "business_core.ConsultationInquiry"
_NEWER: Final = " (newer in legacy: the next import brings it)"


@dataclass(frozen=True, slots=True)
class LegacySide:
    """A source's file as it is now; `changed` says whether it has changed since its last import."""

    source: Source
    file: sqlite3.Connection
    changed: bool


class MigrationValidator:
    """Holds every declared source's legacy file against PostgreSQL."""

    def __init__(self, legacy_dir: Path) -> None:
        self._legacy_dir = legacy_dir

    def validate(self) -> list[Check]:
        """Run all checks; one that cannot be made has failed, with the reason."""
        checks = []
        for alias in ALIASES:
            try:
                checks.append(self.validate_additions(alias))
            except EXPECTED as error:
                name = f"{DATABASE_NAMES[alias]}: rows made here"
                checks.append(Check(name, alias, passed=False, detail=failure_sentence(alias, error)))
        for source in SOURCES:
            try:
                checks += self._validate_source(source)
            except EXPECTED as error:
                detail = failure_sentence(source.name, error)
                checks.append(Check(f"{source.name}: legacy file", source.database, passed=False, detail=detail))
        return checks

    def _validate_source(self, source: Source) -> list[Check]:
        imported = _last_imported_sha256(source)
        if imported is None:
            detail = f"not imported yet: run import_legacy --source={source.name}"
            return [Check(f"{source.name}: record counts", source.database, passed=False, detail=detail)]
        with self._legacy_side(source, imported) as side:
            checks = [self.validate_record_counts(side), self.validate_data_integrity(side)]
            if any(table.model == _INQUIRIES for table in source.tables):
                checks.append(self.validate_consultation_pipeline(side))
        return checks

    def validate_record_counts(self, side: LegacySide) -> Check:
        """Every row of the file stands in the ledger, and every live one in its table."""
        with _reading(side) as cursor:
            total, differences = count_differences(cursor, side.source, side.file)
            lost = lost_rows(cursor, side.source)
        told = [sentence + (_NEWER if side.changed else "") for sentence in differences] + lost
        return Check(
            f"{side.source.name}: record counts",
            side.source.database,
            passed=not lost and (side.changed or not differences),
            detail="; ".join(told) or f"{total:,} rows in the file, {total:,} accounted for",
        )

    def validate_data_integrity(self, side: LegacySide) -> Check:
        """Every cell of the file is what PostgreSQL would write in its place, or somebody has signed the difference."""
        with _reading(side) as cursor:
            compared, differences = compare_source(cursor, side.source, side.file, file_changed=side.changed)
        return Check(
            f"{side.source.name}: data integrity",
            side.source.database,
            passed=not any(difference.explanation == "unexplained" for difference in differences),
            detail=_integrity_detail(compared, differences),
            differences=tuple(differences),
        )

    def validate_additions(self, alias: str) -> Check:
        """Every row that no import brought was made by somebody who signed."""
        targets = {target_table(table.model) for source in sources_of_database(alias) for table in source.tables}
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            unsigned = tuple(
                Difference("unexplained", target.name, key, "", "a row", None)
                for target in sorted(targets, key=lambda target: target.name)
                for key in unsigned_additions(cursor, target)
            )
        detail = unsigned[0].sentence() if unsigned else "every row came from an import or is signed"
        name = f"{DATABASE_NAMES[alias]}: rows made here"
        return Check(name, alias, passed=not unsigned, detail=detail, differences=unsigned)

    def validate_consultation_pipeline(self, side: LegacySide) -> Check:
        """The inquiries are worth the same on both sides, edits made here taken back."""
        with _reading(side) as cursor:
            there, here = pipeline_values(cursor, side.source, side.file)
        detail = f"{there.inquiries:,} inquiries worth {there.value:,.2f} in the file"
        detail += ", the same here" if there == here else f", {here.inquiries:,} worth {here.value:,.2f} here"
        newer = there != here and side.changed
        return Check(
            f"{side.source.name}: consultation pipeline",
            side.source.database,
            passed=there == here or newer,
            detail=detail + (_NEWER if newer else ""),
        )

    @contextmanager
    def _legacy_side(self, source: Source, imported_sha256: str) -> Iterator[LegacySide]:
        with TemporaryDirectory(prefix="synapse-validate-") as folder:
            snapshot = take_snapshot(
                self._legacy_dir / source.path,
                directory=Path(folder),
                lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
                now=timezone.now(),
                keep=False,
            )
            with closing(snapshot.open()) as file:
                yield LegacySide(source=source, file=file, changed=snapshot.sha256 != imported_sha256)


def _last_imported_sha256(source: Source) -> str | None:
    """Return the checksum of the snapshot that the source was last imported from, None before the first import."""
    finished = (ImportRun.Status.COMPLETED, ImportRun.Status.QUARANTINED)
    imports = ImportRun.objects.using(source.database).filter(source=source.name, kind=ImportRun.Kind.IMPORT)
    runs = imports.filter(status__in=finished)
    return runs.order_by("-started_at").values_list("snapshot_sha256", flat=True).first()


def _integrity_detail(compared: int, differences: list[Difference]) -> str:
    """Name the first unexplained difference, or say how many of each kind there are."""
    unexplained = [difference for difference in differences if difference.explanation == "unexplained"]
    if unexplained:
        more = f", and {len(unexplained) - 1:,} more" if len(unexplained) > 1 else ""
        return unexplained[0].sentence() + more
    counts = Counter(difference.explanation for difference in differences)
    return "; ".join([f"{compared:,} rows compared cell by cell", *(f"{n:,} {what}" for what, n in counts.items())])


@contextmanager
def _reading(side: LegacySide) -> Iterator[CursorWrapper]:
    """Yield a cursor in a transaction of its own, which the temporary tables end with."""
    alias = side.source.database
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        yield cursor
