"""Staging a snapshot's tables: by the diff where there is a base to compare with, whole where there is none.

Two steps, called by source_import: `stage_table` before the import's turn to merge, from the files alone;
`complete_tables` in it, with what PostgreSQL knows. Whatever does not add up makes a table travel whole; a remark says
why.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.foreign_sqlite.reading import open_legacy_copy
from legacy_import.mapping import Source
from legacy_import.pipeline.diff.comparison import (
    NotComparableError,
    attach_base,
    compare_table,
    has_same_shape,
    is_large_share,
)
from legacy_import.pipeline.diff.staging import (
    analyze_stage,
    note_vanished_keys,
    read_base_keys,
    stage_differing_rows,
    stage_whole_table,
)
from legacy_import.pipeline.diff.travelling_rows import (
    TRAVELLING,
    BaseRun,
    find_rows_of_same_identity,
    find_travelling_rows,
)
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from legacy_import.pipeline.stage.extract import extract_chosen_rows
from legacy_import.pipeline.stage.legacy_schema import LegacySchema
from legacy_import.pipeline.stage.schema_reading import read_schema
from legacy_import.pipeline.stage.stage import Stage
from synapse.foundation.text.visible import shorten

_DISAGREE: Final = "PostgreSQL does not hold what the snapshot imported last holds"
_SURROGATE: Final = "l.key LIKE '#________________________________:%'"
"""True of a ledger row whose legacy key is NULL or repeated (pipeline/stage/stage.py)."""


@dataclass(frozen=True, slots=True)
class DiffBase:
    """The snapshot to compare with: that of the last import that counts. `is_same` says that it is the new one."""

    path: Path
    run: BaseRun
    is_same: bool


@dataclass(slots=True)
class TableStaging:
    """Stages the tables of one snapshot, open for reading; `base` is None where all of them travel whole."""

    cursor: CursorWrapper
    snapshot: sqlite3.Connection
    progress: Progress
    base: DiffBase | None
    notes: list[str]
    _base_rows: dict[str, int] = field(default_factory=dict)

    def stage_table(self, stage: Stage) -> Stage:
        """Stage the rows that differ from the base, or all of them; asks the files only."""
        if self.base is None:
            return self._stage_whole(stage)
        try:
            diff = compare_table(self.snapshot, stage.legacy, key=stage.key_columns, is_same=self.base.is_same)
            base_keys = list(read_base_keys(self.snapshot, stage, diff.replaced))
        except (NotComparableError, sqlite3.Error, UnicodeDecodeError) as error:
            return self._stage_whole(stage, because=error)
        self._base_rows[stage.name] = diff.base_rows
        stage = stage_differing_rows(self.cursor, self.snapshot, stage, diff, progress=self.progress)
        note_vanished_keys(self.cursor, stage, base_keys)
        return stage

    def complete_tables(self, stages: Sequence[Stage]) -> list[Stage]:
        """Stage also the unchanged rows that have to travel; call it in the import's turn to merge.

        What is staged already stays, so that it may be called again once other rows are due.
        """
        completed = list(stages)
        for position, stage in enumerate(completed):
            completed[position] = self.complete_table(stage, staged=completed)
        return completed

    def complete_table(self, stage: Stage, *, staged: Sequence[Stage]) -> Stage:
        """Stage the rows of one table that have to travel; `staged` are the file's stages, parents complete."""
        if self.base is None or not stage.vanished:
            return stage
        try:
            self._check_ledger(stage)
            stage = self._add_travelling_rows(stage, self.base.run, staged=staged)
            self._check_sum(stage)
        except NotComparableError as error:
            # Its rows were counted as read once.
            return self._stage_whole(stage, because=error, progress=Progress())
        return stage

    def _stage_whole(
        self, stage: Stage, *, because: Exception | None = None, progress: Progress | None = None
    ) -> Stage:
        if reason := _reason_in_words(because) if because else "":
            self.notes.append(f"every row of table {stage.legacy.name} was compared with PostgreSQL: {reason}")
        return stage_whole_table(self.cursor, self.snapshot, stage, progress=progress or self.progress)

    def _check_ledger(self, stage: Stage) -> None:
        """Raise NotComparableError where the ledger holds other rows than the base, or rows without a key of their own.

        That is the net below the base's checksum and the run's record: a database that was tampered with, say.
        """
        self.cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {_SURROGATE}) FROM ledger AS l"
            f" WHERE l.source = {literal(stage.source.name)} AND l.legacy_table = {literal(stage.legacy.name)}"
            " AND l.state <> 'gone'"
        )
        held, without_key = self.cursor.fetchone()
        if without_key:
            raise NotComparableError("keys of it were NULL or repeated")
        if held != self._base_rows[stage.name]:
            raise NotComparableError(_DISAGREE)

    def _add_travelling_rows(self, stage: Stage, run: BaseRun, *, staged: Sequence[Stage]) -> Stage:
        stage = self._stage_found_rows(stage, find_travelling_rows(self.cursor, stage, run, staged=staged))
        while stage.table and (found := find_rows_of_same_identity(self.cursor, stage)):
            stage = self._stage_found_rows(stage, found)
        return stage

    def _stage_found_rows(self, stage: Stage, found: int) -> Stage:
        """Stage the rows in the table of the travelling ones, read from their places in the file."""
        if not found:
            return stage
        if is_large_share(found, of=stage.rows):
            raise NotComparableError("most of its rows were edited, refused or settled, or meet rows that were")
        self.cursor.execute(f"SELECT row_id FROM {TRAVELLING} ORDER BY row_id")
        row_ids = [row_id for (row_id,) in self.cursor.fetchall()]
        if None in row_ids:
            raise NotComparableError(_DISAGREE)
        stage = extract_chosen_rows(self.cursor, self.snapshot, stage, row_ids, progress=Progress())
        self.cursor.execute(
            f"SELECT EXISTS (SELECT FROM {TRAVELLING} AS t"
            f" WHERE NOT EXISTS (SELECT FROM {stage.name} AS s WHERE s.ledger_id = t.ledger_id))"
        )
        if self.cursor.fetchone()[0]:
            raise NotComparableError(_DISAGREE)
        analyze_stage(self.cursor, stage)
        return stage

    def _check_sum(self, stage: Stage) -> None:
        """Raise NotComparableError unless the rows held, less those that vanished, with the new ones are the file's."""
        self.cursor.execute(
            f"""
            SELECT (SELECT count(*) FROM {stage.name}), (SELECT count(DISTINCT ledger_id) FROM {stage.name}),
                   (SELECT count(*) FROM {stage.name} AS s
                    WHERE NOT EXISTS (SELECT FROM ledger AS l WHERE l.id = s.ledger_id AND l.state <> 'gone')),
                   (SELECT count(*) FROM {stage.vanished}),
                   (SELECT count(*) FROM {stage.vanished} AS v JOIN ledger AS l ON l.id = v.ledger_id
                    WHERE l.state <> 'gone')
            """
        )
        staged, distinct, new, vanished, known = self.cursor.fetchone()
        rows = self._base_rows[stage.name] - vanished + new
        if (staged, vanished, rows) != (distinct, known, stage.rows):
            raise NotComparableError(_DISAGREE)


@contextmanager
def open_table_staging(
    cursor: CursorWrapper, snapshot: Snapshot, source: Source, *, base: DiffBase | None, progress: Progress
) -> Iterator[tuple[TableStaging, LegacySchema]]:
    """Open the snapshot, with the base attached where there is one of the same shape; yield its schema as well."""
    with closing(snapshot.open_read_only()) as connection, ExitStack() as attached:
        schema = read_schema(connection, source, journal_mode=snapshot.journal_mode)
        staging = TableStaging(cursor, connection, progress, base=base, notes=[])
        if base:
            try:
                _require_same_shape(base, source, schema)
                attached.enter_context(attach_base(connection, base.path))
            except (NotComparableError, sqlite3.Error, UnicodeDecodeError) as error:
                staging.base = None
                staging.notes.append(whole_import_note(_reason_in_words(error)))
        yield staging, schema


def _reason_in_words(error: Exception) -> str:
    if isinstance(error, NotComparableError):
        return str(error)
    return f"the snapshot imported last cannot be compared with ({shorten(str(error), 80)})"


def whole_import_note(reason: str) -> str:
    """Return the remark of a run for which all rows travelled."""
    return f"every row was compared with PostgreSQL: {reason}"


def _require_same_shape(base: DiffBase, source: Source, schema: LegacySchema) -> None:
    """Raise NotComparableError where the base's tables have another shape, or names that SQLite has to respell."""
    if schema.originals:
        raise NotComparableError("names in the file are no UTF-8")
    if base.is_same:
        return
    with closing(open_legacy_copy(base.path)) as connection:
        before = read_schema(connection, source, journal_mode="")
    if not has_same_shape(schema, before):
        raise NotComparableError("the file's tables have another shape than at the last import")
