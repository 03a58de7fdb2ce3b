"""Read the state of each source: pending, validated, mismatched, or in error, with a sentence for a person.

Called by the pages that list sources and by the health check. A handful of queries per database, whatever the number of
rows or sources; the links beside the sentences are legacy_import.admin.consolidation.source_links'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models import Max

from legacy_import.cell_display import visible
from legacy_import.mapping import Source
from legacy_import.models import ImportRun, SourceSync, SourceWithdrawal, ValidationRun
from legacy_import.running_imports import LockHolder, actual_status, lock_holders
from legacy_import.source_decisions import withdrawal_sentence, withdrawn_sources
from legacy_import.sources import SOURCES, sources_of_database
from synapse.foundation.databases import ALIASES

_CHANGED_NOTHING_SQL: Final = """
    NOT EXISTS (
        SELECT FROM jsonb_each(tables) AS t(name, counts)
        WHERE counts -> 'read' IS DISTINCT FROM counts -> 'unchanged'
    )
"""

_DAMAGED_FILE_PHRASES: Final = ("is truncated or corrupt", "is no SQLite file")
_SAYS_THE_FIX: Final = "manage.py legacy_sources"
_BUSY_FILE_PHRASES: Final = ("has been locked by another program", "kept being written")
"""What the pipeline's errors say of a file (legacy_import.pipeline.snapshot.snapshot, online_backup)."""


class State(StrEnum):
    """The state of a source."""

    PENDING = "pending"
    VALIDATED = "validated"
    MISMATCHED = "mismatched"
    ERROR = "error"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of a source, and since when.

    `sentence` says it in words, with the fix where one is needed. `imported_at` is when its last import that counts
    ended, `changed_at` when a run last wrote anything of it, `validated_at` when a validation that saw all that began;
    each is None where that never happened. `last_run` is its latest import, `validation` the latest one of all sources.
    """

    source: str
    path: str
    database: str
    state: State
    sentence: str
    file_is_there: bool
    is_running: bool
    imported_at: datetime | None
    changed_at: datetime | None
    validated_at: datetime | None
    last_run: UUID | None
    validation: UUID | None

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to look."""
        return self.state in {State.MISMATCHED, State.ERROR}


def source_states() -> list[SourceState]:
    """Return the present state of each declared source, in the order of their declaration."""
    databases = {alias: _read_database_facts(alias) for alias in ALIASES}
    common = _CommonFacts(
        validation=last_validation(),
        # One stat per file, and all of them before any state: whether any is left decides what a missing one means.
        present=frozenset(source.name for source in SOURCES if _is_file(settings.LEGACY_DIR / source.path)),
        troubles=dict(SourceSync.objects.exclude(error="").values_list("source", "error")),
        withdrawals=withdrawn_sources(),
    )
    return [_source_state(source, databases[source.database], common) for source in SOURCES]


def last_validation() -> ValidationRun | None:
    """Return the latest validation that came to a verdict, without its checks in full; None where there is none."""
    return ValidationRun.objects.filter(error="").defer("checks").order_by("-begun_at").first()


@dataclass(frozen=True, slots=True)
class _DatabaseFacts:
    """What one database says of its sources, by source."""

    holders: Mapping[str, LockHolder]
    latest: Mapping[str, ImportRun]
    imported_at: Mapping[str, datetime]
    changed_at: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class _CommonFacts:
    """What is known of all sources: the last validation, whose files are there, troubles and withdrawals by source."""

    validation: ValidationRun | None
    present: frozenset[str]
    troubles: Mapping[str, str]
    withdrawals: Mapping[str, SourceWithdrawal]


@dataclass(frozen=True, slots=True)
class _SourceFacts:
    """All that is known of one source. `is_gone`: its file is missing though the legacy side is alive.

    `trouble` says why it could not be brought in step when somebody last looked, empty where it could. `withdrawal` is
    None where the source is imported as ever.
    """

    source: Source
    run: ImportRun | None
    status: ImportRun.Status | None
    imported_at: datetime | None
    changed_at: datetime | None
    validation: ValidationRun | None
    trouble: str
    withdrawal: SourceWithdrawal | None
    is_running: bool
    is_there: bool
    is_gone: bool

    @property
    def is_validated_since(self) -> bool:
        """Whether the last validation saw what was last written."""
        written_at = self.changed_at or self.imported_at
        return self.validation is not None and written_at is not None and self.validation.begun_at >= written_at

    @property
    def mismatch_sentences(self) -> list[str]:
        """What the last validation found wrong of this source, each in a sentence."""
        failures = self.validation.failures if self.validation else []
        return [one["detail"] for one in failures if one["name"].partition(": ")[0] == self.source.name]


def _read_database_facts(alias: str) -> _DatabaseFacts:
    """Read the database's runs and lock holders for all of its sources at once, not source by source."""
    runs = ImportRun.objects.using(alias)
    imports = runs.filter(kind=ImportRun.Kind.IMPORT)
    counting = imports.filter(status__in=ImportRun.FINISHED).order_by().values("source")
    with connections[alias].cursor() as cursor:
        # When a run last wrote anything of each source: an import that found all rows unchanged wrote nothing.
        cursor.execute(
            "SELECT source, max(finished_at) FROM import_run"
            f" WHERE status = ANY(%s) AND NOT (kind = %s AND {_CHANGED_NOTHING_SQL}) GROUP BY source",
            [list(ImportRun.FINISHED), ImportRun.Kind.IMPORT],
        )
        changed_at = dict(cursor.fetchall())
    return _DatabaseFacts(
        holders=lock_holders(alias, [source.name for source in sources_of_database(alias)]),
        # distinct("source") is DISTINCT ON: the first row of each source in this order, its latest import.
        latest={
            run.source: run
            for run in imports.defer("tables", "notes").order_by("source", "-started_at").distinct("source")
        },
        imported_at=dict(counting.annotate(at=Max("finished_at")).values_list("source", "at")),
        changed_at=changed_at,
    )


def _source_state(source: Source, database: _DatabaseFacts, common: _CommonFacts) -> SourceState:
    run, validation = database.latest.get(source.name), common.validation
    facts = _SourceFacts(
        source=source,
        run=run,
        status=actual_status(run, database.holders) if run else None,
        imported_at=database.imported_at.get(source.name),
        changed_at=database.changed_at.get(source.name),
        validation=validation,
        trouble=common.troubles.get(source.name, ""),
        withdrawal=common.withdrawals.get(source.name),
        is_running=source.name in database.holders,
        is_there=source.name in common.present,
        # Where no file is left at all, the legacy side was switched off: that is no error of any source.
        is_gone=bool(common.present) and source.name not in common.present,
    )
    state, sentence = (
        _withdrawn_state(facts)
        or _failed_import_state(facts)
        or _never_imported_state(facts)
        or _validation_state(facts)
    )
    return SourceState(
        source=source.name,
        path=source.path,
        database=source.database,
        state=state,
        sentence=sentence,
        file_is_there=facts.is_there,
        is_running=facts.is_running,
        imported_at=facts.imported_at,
        changed_at=facts.changed_at,
        validated_at=validation.begun_at if validation and facts.is_validated_since else None,
        last_run=run.pk if run else None,
        validation=validation.pk if validation else None,
    )


def _withdrawn_state(facts: _SourceFacts) -> tuple[State, str] | None:
    """Say that the source was withdrawn, and where its file is there again; None where it was not."""
    if facts.withdrawal is None:
        return None
    sentence = withdrawal_sentence(facts.withdrawal, path=facts.source.path, is_there=facts.is_there)
    return State.WITHDRAWN, f"{sentence[0].upper()}{sentence[1:]}"


def _failed_import_state(facts: _SourceFacts) -> tuple[State, str] | None:
    """Say what keeps the source from being imported, None where nothing does."""
    match facts.status:
        case ImportRun.Status.FAILED:
            assert facts.run is not None  # noqa: S101 - a status is a run's
            return State.ERROR, _append_fix_advice("The last import failed", facts.run.error, facts.source)
        case ImportRun.Status.INTERRUPTED:
            return State.ERROR, "The last import was cut off and changed nothing: import it again."
        case _ if facts.imported_at and facts.is_gone:
            way_out = "withdraw the source on the page Sources where it was deleted for good"
            return State.ERROR, f"Its file is gone: put {facts.source.path} back into the legacy folder, or {way_out}."
        case _ if facts.trouble and facts.is_there and facts.status != ImportRun.Status.UNDONE:
            return State.ERROR, _append_fix_advice("The last look at its file failed", facts.trouble, facts.source)
    return None


def _append_fix_advice(what: str, error: str, source: Source) -> str:
    """Return what failed and why, and what a person does about it."""
    fix = " Mend that, then import it again."
    if _SAYS_THE_FIX in error:
        fix = ""
    elif any(sign in error for sign in _DAMAGED_FILE_PHRASES):
        fix = f" Put a sound copy of {source.path} into the legacy folder, then import it again."
    elif any(sign in error for sign in _BUSY_FILE_PHRASES):
        fix = " End the program that uses the file, then import it again."
    why = visible(error).strip()
    return f"{what}: {why}{'' if why.endswith(('.', '!', '?')) else '.'}{fix}"


def _never_imported_state(facts: _SourceFacts) -> tuple[State, str] | None:
    """Say why nothing of the source is here, None where something is."""
    if facts.imported_at:
        return None
    if facts.is_running:
        return State.PENDING, "It is being imported for the first time."
    if facts.status == ImportRun.Status.UNDONE:
        return State.PENDING, "Its import was undone: import it again, or leave it."
    if not facts.is_there:
        return State.PENDING, f"Never imported: {facts.source.path} is not in the legacy folder."
    return State.PENDING, "Never imported: import it."


def _validation_state(facts: _SourceFacts) -> tuple[State, str]:
    """Say what the last validation found of an imported source."""
    if not facts.is_validated_since:
        return State.PENDING, "Imported, and not validated since: the nightly validation looks at it, or validate now."
    if facts.mismatch_sentences:
        first, more = visible(facts.mismatch_sentences[0]), len(facts.mismatch_sentences) - 1
        others = f" (and {more} more {'check' if more == 1 else 'checks'} failed)" if more else ""
        why = f"{first.removesuffix('.')}{others}. Read its checks, mend what they name, then validate again."
        return State.MISMATCHED, f"Its last validation failed: {why}"
    return State.VALIDATED, "Every row agrees with its file, or the difference is somebody's signed change."


def _is_file(path: Path) -> bool:
    """Say whether a file is at the path; False also where the folder can't be read."""
    try:
        return path.is_file()
    except OSError:
        return False
