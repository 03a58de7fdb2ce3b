"""A legacy file's tables as staging tables, one after the other, beside the schema that was last imported.

The import's own extraction fills them, so that validation compares what an import would read.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from legacy_import.pipeline.edits import Edits, gather_edits
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.stage.extract import extract_rows
from legacy_import.pipeline.stage.legacy_schema import LegacyTable
from legacy_import.pipeline.stage.schema_drift import read_stored_schema
from legacy_import.pipeline.stage.schema_limits import check_schema_limits
from legacy_import.pipeline.stage.schema_reading import read_schema
from legacy_import.pipeline.stage.stage import Stage, assign_surrogate_keys, create_stage
from legacy_import.validation.fixes import Fixes, find_fixes
from legacy_import.validation.legacy_files import Reading


@dataclass(frozen=True, slots=True)
class StagedTable:
    """The staged rows of one legacy table beside its remembered shape and what was changed here.

    `stored` is None where the table came after the last import, `edits` where it has no target.
    """

    reading: Reading
    stage: Stage
    stored: LegacyTable | None
    edits: Edits | None
    fixes: Fixes

    @property
    def common_columns(self) -> tuple[str, ...]:
        """The columns that the file has now and had when it was last imported."""
        names = self.stored.column_names if self.stored else ()
        return tuple(name for name in self.stage.legacy.column_names if name in names)


def stage_tables(reading: Reading, progress: Progress) -> Iterator[StagedTable]:
    """Yield each table of the file; its staging table is dropped when the next one is asked for."""
    cursor, source = reading.cursor, reading.source
    remembered = read_stored_schema(source.database, source.name)
    fixes = find_fixes(source.database, source.name)
    schema = read_schema(reading.file, reading.source, journal_mode="")
    check_schema_limits(cursor, schema, file=source.path)
    # One at a time: the largest file would otherwise be in temporary tables as a whole.
    for position, table in enumerate(schema.tables):
        stage = Stage(f"compared_{position}", source, table, source.find_table(table.name))
        progress.enter_stage(source.name, "extract", table.name)
        create_stage(cursor, stage)
        stage = extract_rows(cursor, reading.file, stage, progress=progress)
        assign_surrogate_keys(cursor, stage)
        progress.enter_stage(source.name, "compare", table.name)
        edits = gather_edits(cursor, stage.target) if stage.table else None
        stored = remembered.find_table(table.name) if remembered else None
        yield StagedTable(reading, stage, stored, edits, fixes)
        cursor.execute(f"DROP TABLE {stage.name}")
