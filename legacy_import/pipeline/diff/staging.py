"""Staging by the diff: of a table only the rows that differ from the snapshot imported last, and the keys that left.

Called by table_staging.py before the import holds any lock; it reads the two snapshots, and nothing of PostgreSQL's.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.backends.utils import CursorWrapper

from legacy_import.cells import serialize_stage_cell
from legacy_import.pipeline.diff.comparison import BASE, TableDiff
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.stage.extract import extract_chosen_rows, extract_rows, read_exact_rows, row_choices
from legacy_import.pipeline.stage.legacy_schema import quote_sqlite_name
from legacy_import.pipeline.stage.stage import Stage, assign_surrogate_keys, create_stage


def stage_whole_table(
    cursor: CursorWrapper, snapshot: sqlite3.Connection, stage: Stage, *, progress: Progress
) -> Stage:
    """Stage all of the table's rows; what was staged of it before goes."""
    stage = replace(stage, odd=frozenset(), rows=0, vanished="")
    cursor.execute(f"DROP TABLE IF EXISTS {stage.name}")
    create_stage(cursor, stage)
    stage = extract_rows(cursor, snapshot, stage, progress=progress)
    assign_surrogate_keys(cursor, stage)
    return stage


def stage_differing_rows(
    cursor: CursorWrapper, snapshot: sqlite3.Connection, stage: Stage, diff: TableDiff, *, progress: Progress
) -> Stage:
    """Stage the rows that are new or differ; which ones vanished has to be noted next (`note_vanished_keys`)."""
    create_stage(cursor, stage)
    stage = replace(stage, rows=diff.rows, vanished=f"{stage.name}_vanished")
    stage = extract_chosen_rows(cursor, snapshot, stage, diff.changed, progress=progress)
    progress.advance_rows(diff.rows - len(diff.changed))
    analyze_stage(cursor, stage)
    return stage


def analyze_stage(cursor: CursorWrapper, stage: Stage) -> None:
    """Give the planner statistics of the stage; autovacuum does not see temporary tables."""
    cursor.execute(f"ANALYZE {stage.name} (ledger_id, target_key)")


def note_vanished_keys(cursor: CursorWrapper, stage: Stage, base_keys: Sequence[str | None]) -> None:
    """Fill the table of vanished rows: the keys of the base's rows that were replaced, less those that are staged."""
    cursor.execute(
        f"CREATE TEMPORARY TABLE {stage.vanished} (key text, ledger_id uuid GENERATED ALWAYS AS"
        f" (md5({literal(stage.ledger_path())} || key)::uuid) STORED) ON COMMIT DROP"
    )
    with cursor.db.wrap_database_errors, cursor.copy(f"COPY {stage.vanished} (key) FROM STDIN") as copy:
        for key in base_keys:
            copy.write_row((key,))
    # A row whose rowid is another one now is staged under its new place.
    cursor.execute(f"DELETE FROM {stage.vanished} AS v USING {stage.name} AS s WHERE s.ledger_id = v.ledger_id")
    cursor.execute(f"ANALYZE {stage.vanished} (ledger_id)")


def read_base_keys(snapshot: sqlite3.Connection, stage: Stage, row_ids: Sequence[int]) -> Iterator[str | None]:
    """Yield the ledger's keys of the rows that the attached base has in these places."""
    (column,) = stage.key_columns
    storage = stage.storage_class_of(column)
    for tail in row_choices(stage.legacy, row_ids):
        for (cell,) in read_exact_rows(snapshot, stage.legacy.name, [quote_sqlite_name(column)], tail=tail, file=BASE):
            yield serialize_stage_cell(cell, storage)
