"""The checks of one source, or of one database, each a function that returns verdicts.

What lives here: gathering what the comparing modules find into checks. What does not: which checks run when
(migration_validator).
"""

from decimal import Decimal
from typing import Any

from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import sources_of_database
from legacy_import.validation.check import Check
from legacy_import.validation.clocks import ClockCount, clock_differences
from legacy_import.validation.differences import NEWER, Difference, Tally
from legacy_import.validation.integrity import differences
from legacy_import.validation.legacy_files import Reading, reading_database
from legacy_import.validation.pipeline_value import PipelineValue, pipeline_value
from legacy_import.validation.reachability import reach
from legacy_import.validation.signatures import unsigned_additions
from legacy_import.validation.staged_tables import staged_tables
from legacy_import.validation.unsigned_changes import unsigned_changes
from synapse.foundation.databases import BUSINESS_CORE, DATABASE_NAMES


def check_cells(reading: Reading, progress: Progress) -> list[Check]:
    """Every cell is what PostgreSQL would write in its place, every timestamp the instant that Python reads."""
    cells, clocks, count = Tally(), Tally(), ClockCount()
    rows_compared = cells_compared = 0
    for table in staged_tables(reading, progress):
        rows_compared += table.stage.rows
        cells_compared += table.stage.rows * len(table.common_columns)
        cells.add(differences(table))
        clocks.add(clock_differences(table, count))
    name, alias = reading.source.name, reading.source.database
    integrity = Check(
        f"{name}: data integrity",
        alias,
        passed=cells.passed,
        detail=cells.detail(f"{rows_compared:,} rows compared cell by cell"),
        differences=cells.shown,
        figures={"rows": rows_compared, "cells": cells_compared},
    )
    if not count.compared and not clocks.counts:
        return [integrity]
    told = Check(
        f"{name}: clocks", alias, passed=clocks.passed, detail=clocks.detail(count.in_words()), differences=clocks.shown
    )
    return [integrity, told]


def check_additions(alias: str) -> Check:
    """Every row that no import brought was made, and every cell that no file fills was changed, by who signed."""
    sources = list(sources_of_database(alias))
    targets = {target_table_of(table.model) for source in sources for table in source.tables}
    tally = Tally()
    with reading_database(alias) as cursor:
        for target in sorted(targets, key=lambda target: target.name):
            tally.add(
                Difference("unexplained", target.name, key, "", "a row", None)
                for key in unsigned_additions(cursor, target)
            )
            tally.add(unsigned_changes(cursor, target, sources))
    detail = tally.detail("every row came from an import or is signed, as is every change of what no file fills")
    return Check(f"{DATABASE_NAMES[alias]}: rows made here", alias, tally.passed, detail, tally.shown)


def check_pipeline(reading: Reading) -> tuple[Check, PipelineValue]:
    """The source's inquiries can all be reached, and are worth the same once what is signed is taken back."""
    value = pipeline_value(reading)
    reached, lost = reach(reading)
    value.tally.add(lost)
    passed = (value.agrees or (reading.changed and value.tally.passed)) and reached.is_full
    detail = value.tally.detail(value.in_words()) if not value.tally.passed else value.in_words()
    if not value.agrees and value.tally.passed:
        rest = value.value_there - value.value_here - value.explained
        detail += NEWER if reading.changed else f"; {rest:+,.2f} that nobody signed: see the data integrity"
    if not reached.is_full:
        detail += f"; not every inquiry can be reached: {reached.as_line()}"
    check = Check(
        f"{reading.source.name}: consultation pipeline",
        reading.source.database,
        passed=passed,
        detail=detail,
        differences=value.tally.shown,
        lines=(reached.as_line(),),
    )
    return check, value


def check_whole_pipeline(values: dict[str, PipelineValue], *, passed: bool) -> Check:
    """All sources' inquiries on one line, beside what the table holds."""
    total = sum(values.values(), PipelineValue())
    with reading_database(BUSINESS_CORE) as cursor:
        cursor.execute("SELECT count(*), coalesce(sum(estimated_value), 0) FROM consultation_inquiries")
        held, worth = cursor.fetchone()
    detail = total.in_words().replace("in the file", "in the files")
    if (held, worth) != (total.inquiries_here, total.value_here):
        detail += f"; in all the table holds {held:,} worth {worth:,.2f}"
    return Check(
        "all sources: consultation pipeline",
        BUSINESS_CORE,
        passed=passed,
        detail=detail,
        lines=tuple(_value_line(source, value) for source, value in values.items()),
        figures={"inquiries": held, "value": str(Decimal(worth).quantize(Decimal("0.01")))},
    )


def _value_line(source: str, value: PipelineValue) -> dict[str, Any]:
    return {
        "source": source,
        "inquiries in the file": value.inquiries_there,
        "worth in the file": f"{value.value_there:,.2f}",
        "inquiries here": value.inquiries_here,
        "worth here": f"{value.value_here:,.2f}",
        "explained": f"{value.explained:,.2f}",
    }
