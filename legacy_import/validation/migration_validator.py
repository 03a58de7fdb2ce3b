"""The specification's MigrationValidator: record count checks, data integrity, query performance, the pipeline's value.

It runs the checks in sequence and turns one that cannot be made into a failed check with its reason; the checks are in
`data_checks` and the modules it gathers from (listed in the package's docstring). What is newer in a legacy file than
its last import is reported and fails nothing: the next import brings it. Called by `services.validating`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from legacy_import.errors import LegacyImportError
from legacy_import.failures import contain_failure, known_error_sentence
from legacy_import.mapping import Source
from legacy_import.models import SourceWithdrawal
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.snapshot.live_file import is_present_or_unreadable
from legacy_import.source_decisions import withdrawal_sentence, withdrawn_sources
from legacy_import.sources import SOURCES
from legacy_import.undeclared.listing import list_undeclared_files
from legacy_import.validation.both_sides import merge_check_results
from legacy_import.validation.check import Check, all_passed
from legacy_import.validation.data_checks import check_additions, check_cells, check_pipeline, check_whole_pipeline
from legacy_import.validation.legacy_files import (
    LegacyFiles,
    NotImportedError,
    Reading,
    SnapshotLostError,
    find_last_import,
)
from legacy_import.validation.pipeline_summary import check_pipeline_summary
from legacy_import.validation.pipeline_value import PipelineValue, inquiry_tables
from legacy_import.validation.queries import QUERIES
from legacy_import.validation.query_performance import check_query_performance
from legacy_import.validation.record_counts import check_file_limits, check_record_counts
from legacy_import.validation.references import check_references
from synapse.foundation.containment import contain_errors
from synapse.foundation.databases import ALIASES, BUSINESS_CORE, DATABASE_NAMES

_TIMING_BUDGET_SECONDS: Final = 20.0
"""All timings of one database take no longer than about this, however slow a query has become."""


class MigrationValidator:
    """Holds the legacy file of each source (every declared one, where none is named) against PostgreSQL.

    Each method returns its checks, passed or not; one that cannot be made has failed, with the reason. With
    `is_partial` only what is about the named sources and their databases is checked, no sum over all of them.
    """

    def __init__(
        self,
        legacy_dir: Path,
        *,
        sources: Sequence[Source] = SOURCES,
        is_partial: bool = False,
        progress: Progress | None = None,
        now: datetime | None = None,
    ) -> None:
        self._legacy_dir = legacy_dir
        self._sources = sources
        self._is_partial = is_partial
        self._aliases = {source.database for source in sources} if is_partial else set(ALIASES)
        self._progress = progress or Progress()
        self._now = now or timezone.now()
        self._files: LegacyFiles | None = None
        self._reported: set[str] = set()
        """Sources whose failure is among the checks already."""
        self._lost: set[str] = set()
        self._withdrawals: dict[str, SourceWithdrawal] = {}

    def validate(self) -> list[Check]:
        """Run all four, each file read once."""
        return [*self.validate_data(), *self.validate_query_performance()]

    def validate_data(self) -> list[Check]:
        """Run all but the timings: what depends on the data alone, not on how busy the machine is."""
        with self._open_files():
            return [
                *self._withdrawn_source_checks(),
                *self._undeclared_file_checks(),
                *self.validate_record_counts(),
                *self.validate_data_integrity(),
                *self.validate_consultation_pipeline(),
            ]

    def validate_record_counts(self) -> list[Check]:
        """Every row of each file is accounted for, and every row without one was made by somebody who signed."""
        checks = self._check_each_source(
            "record counts",
            self._sources,
            lambda reading: filter(None, [check_record_counts(reading), check_file_limits(reading)]),
        )
        return checks + [
            check
            for alias in ALIASES
            if alias in self._aliases
            for check in self._run_contained_check(alias, "rows made here", partial(check_additions, alias))
        ]

    def validate_data_integrity(self) -> list[Check]:
        """Every cell, every timestamp and every reference across databases is the same on both sides, or explained."""
        with self._open_files() as files:
            checks = self._check_each_source(
                "data integrity", self._sources, lambda reading: check_cells(reading, self._progress)
            )
            # Their tables were compared above: one that could not be read then is not tried again.
            readable = [source for source in self._sources if source.name not in self._reported]
            return checks + self._check_each_source(
                "references",
                readable,
                lambda reading: filter(None, [check_references(files, reading.source, files.folder)]),
            )

    def validate_query_performance(self) -> list[Check]:
        """Every named query's 95th percentile is below the specification's 50 ms (business core) or 100 ms."""
        checks = []
        for alias, queries in QUERIES.items():
            if alias not in self._aliases:
                continue
            self._progress.enter_stage(DATABASE_NAMES[alias], "compare", "query times and targets")
            checks += self._run_contained_check(
                alias,
                "query performance",
                partial(check_query_performance, alias, queries, budget_seconds=_TIMING_BUDGET_SECONDS),
            )
        return checks

    def validate_consultation_pipeline(self) -> list[Check]:
        """Every inquiry can be opened or was settled, and sums are equal to the cent, per source and in all."""
        values: dict[str, PipelineValue] = {}

        def check_value(reading: Reading) -> list[Check]:
            check, value = check_pipeline(reading)
            values.setdefault(reading.source.name, value)
            return [check]

        with self._open_files() as files:
            sources = [source for source in self._sources if inquiry_tables(source) and not self._has_no_import(source)]
            if not sources:
                return []
            checks = self._check_each_source("consultation pipeline", sources, check_value)
            if self._is_partial:
                return checks
            # Without a file its value is unknown, and a sum over the rest would look like a loss.
            whole = all_passed(checks) and len(values) == len(sources)
            checks += self._run_contained_check(
                BUSINESS_CORE, "consultation pipeline", lambda: check_whole_pipeline(values, passed=whole)
            )
            if len(values) == len(sources):
                today = self._now.astimezone(UTC).date()
                checks += self._run_contained_check(
                    BUSINESS_CORE, "current_pipeline_summary", lambda: check_pipeline_summary(files, today=today)
                )
            return checks

    @contextmanager
    def _open_files(self) -> Iterator[LegacyFiles]:
        """Yield the files' snapshots: those of the method that called this one, so that each file is read once."""
        if self._files is not None:
            yield self._files
            return
        self._withdrawals = _read_withdrawals()
        with LegacyFiles(self._legacy_dir, withdrawn=self._withdrawals) as files:
            self._files = files
            self._reported.clear()
            self._lost.clear()
            try:
                yield files
            finally:
                self._files = None

    def _check_each_source(
        self, topic: str, sources: Iterable[Source], make: Callable[[Reading], Iterable[Check]]
    ) -> list[Check]:
        checks: list[Check] = []
        with self._open_files() as files:
            for source in sources:
                if self._has_no_import(source):
                    continue
                self._progress.enter_stage(source.name, "snapshot")
                with contain_errors(
                    source.name, foresee=_foreseen_sentence, source=source.name, check=topic
                ) as trouble:
                    checks += self._check_source(files, source, make)
                # Once for each source: the checks that follow would all fail for the same reason. An unforeseen error
                # is its check's own: the others are made, and fail for themselves.
                if trouble and (trouble.error_id or source.name not in self._reported):
                    if not trouble.error_id:
                        self._reported.add(source.name)
                    what = "legacy file" if isinstance(trouble.error, LegacyImportError) else topic
                    name = f"{source.name}: {what}"
                    checks.append(Check(name, source.database, passed=False, detail=trouble.sentence))
        return checks

    def _has_no_import(self, source: Source) -> bool:
        """Say whether the source is withdrawn and was never imported: there is nothing to compare."""
        withdrawal = self._withdrawals.get(source.name)
        return withdrawal is not None and find_last_import(source) is None

    def _withdrawn_source_checks(self) -> Iterator[Check]:
        """Yield a word for each withdrawn source: its file is not looked for."""
        for source in self._sources:
            if withdrawal := self._withdrawals.get(source.name):
                is_there = is_present_or_unreadable(self._legacy_dir / source.path)
                sentence = withdrawal_sentence(withdrawal, path=source.path, is_there=is_there)
                yield Check(f"{source.name}: withdrawn", source.database, passed=True, detail=sentence)

    def _undeclared_file_checks(self) -> Iterator[Check]:
        """Yield a word on the files of the folder that no source declares: no verdict depends on them."""
        sentence = "" if self._is_partial else list_undeclared_files(self._legacy_dir).sentence
        if sentence:
            yield Check("legacy folder: undeclared files", BUSINESS_CORE, passed=True, detail=sentence)

    def _check_source(
        self, files: LegacyFiles, source: Source, make: Callable[[Reading], Iterable[Check]]
    ) -> list[Check]:
        """Make the source's checks; those of a changed file against what was imported from it as well."""
        with files.open_beside_database(source) as reading:
            checks, changed = list(make(reading)), reading.changed
        if not changed:
            return checks
        try:
            with files.open_imported_snapshot(source) as reading:
                return merge_check_results(checks, list(make(reading)))
        except SnapshotLostError as error:
            if source.name in self._lost:
                return checks
            self._lost.add(source.name)
            return [
                *checks,
                Check(f"{source.name}: imported snapshot", source.database, passed=False, detail=str(error)),
            ]

    def _run_contained_check(self, alias: str, topic: str, make: Callable[[], Check]) -> list[Check]:
        with contain_failure(DATABASE_NAMES[alias], check=topic) as trouble:
            return [make()]
        return [Check(f"{DATABASE_NAMES[alias]}: {topic}", alias, passed=False, detail=trouble.sentence)]


def _foreseen_sentence(unit: str, error: Exception) -> str:
    return str(error) if isinstance(error, NotImportedError) else known_error_sentence(unit, error)


def _read_withdrawals() -> dict[str, SourceWithdrawal]:
    """Return the withdrawals by source; none where the business core is away, as each check then says."""
    try:
        return withdrawn_sources()
    except (DatabaseError, InterfaceError):
        return {}
